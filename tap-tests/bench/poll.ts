import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lvsctl, medians, peakMemory } from './measure.js';
import type { Result } from './report.js';

export const AGENTS = 1000;
export const HANGING = 50;
/** Seconds. */
const TIMEOUT = 2;
const ROUNDS = 5;

/** A dry run that asks so many agents, from its start to its end. */
export async function pollAtScale(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-bench-'));
  const agents = spawn(process.execPath, [fileURLToPath(new URL('agents.js', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(agents.stdout.setEncoding('utf8'), 'data')) as [string];
    const poll = (hanging: number) => {
      const path = join(folder, `${hanging}.yaml`);
      writeFileSync(path, description(Number(port), hanging));
      return lvsctl('poll', '--dry-run', '-f', path);
    };
    const [whole, some] = [poll(0), poll(HANGING)];
    const [answering, hanging] = medians([whole, some], ROUNDS) as [number, number];
    const agentsOf = `\`poll\` of ${AGENTS.toLocaleString('en')} agents`;
    return [
      { what: agentsOf, value: seconds(answering), unit: 's', target: 1 },
      {
        what: `${agentsOf}, ${HANGING} of them hanging, beyond the time-out`,
        value: seconds(hanging - TIMEOUT * 1000),
        unit: 's',
        target: 0.5,
      },
      { what: `${agentsOf}: peak memory`, value: Math.round(peakMemory(some)), unit: 'MB', target: 150 },
    ];
  } finally {
    agents.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function description(port: number, hanging: number): string {
  const servers = Array.from({ length: AGENTS }, (_, n) =>
    n < hanging ? `127.1.0.${n + 1}` : `127.0.${1 + (n >> 7)}.${1 + (n & 127)}`,
  );
  return `version: 1
polling: { schedule: '*/5 * * * * *', timeout: ${TIMEOUT}s, port: ${port} }
services:
${Array.from({ length: AGENTS / HANGING }, (_, n) => {
  const own = servers.slice(n * HANGING, (n + 1) * HANGING).join(', ');
  return `  - { address: 192.0.2.1, port: ${1000 + n}, scheduler: wrr, servers: [ ${own} ] }\n`;
}).join('')}`;
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(2));
}
