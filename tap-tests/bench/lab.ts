import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Losses } from '../../src/lab/watch.js';
import type { AlertTimes } from '../lab/scenarios/alert-speed.js';
import type { ApplyTimes } from '../lab/scenarios/apply-speed.js';
import type { Rates } from '../lab/scenarios/rates.js';
import { labAlert } from './alert.js';
import { applyResults } from './apply.js';
import type { Result } from './report.js';

export const RESULTS = 'build/lab/results';

/** What the lab takes, each told as soon as it is known; and what came of the rates. */
export async function measureLab(say: (result: Result) => void): Promise<readonly Rates[]> {
  const unit = 's';
  say({ what: 'the lab: its image, built', value: buildImage(), unit, target: 180 });
  const { first } = await lab('hosts');
  say({ what: 'the lab: from the command to the first scenario', value: first, unit, target: 10 });
  const hosts = results('hosts') as Record<string, number>;
  say({ what: 'the lab: 10 hosts with their files', value: hosts['10']!, unit, target: 3 });
  say({ what: 'the lab: 50 hosts with their files', value: hosts['50']!, unit, target: 12 });
  say({ what: 'the lab: `rehearse` of the example', value: rehearse(), unit, target: 120 });
  const suite = await lab();
  say({ what: 'the lab: all scenarios', value: suite.last, unit, target: 360 });
  await lab('apply-hundred', 'apply-speed', 'alert-speed');
  const hundred = results('apply-hundred') as Losses;
  for (const result of applyResults(results('apply-speed') as ApplyTimes[], hundred)) say(result);
  for (const result of labAlert(results('alert-speed') as AlertTimes)) say(result);
  await lab('rates-at-length');
  return results('rates-at-length') as Rates[];
}

function results(name: string): unknown {
  return JSON.parse(readFileSync(`${RESULTS}/${name}.json`, 'utf8'));
}

/** Runs scenarios. @returns seconds until the first begins and until the end */
export async function lab(...scenarios: readonly string[]): Promise<{ first: number; last: number }> {
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 100) / 10;
  const child = spawn('sh', ['lab/run.sh', ...scenarios], { stdio: ['ignore', 'pipe', 'inherit'] });
  let first = 0;
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (first === 0 && line.startsWith('# 1 of ')) first = seconds();
    said.push(line);
  }
  const failed = said.filter(line => line.startsWith('not ok'));
  if (first === 0 || failed.length > 0) {
    throw new Error(`the lab failed:\n${(failed.length > 0 ? failed : said).join('\n')}`);
  }
  return { first, last: seconds() };
}

/** With the example's own times: its directors are dead after 30 seconds of silence. */
function rehearse(): number {
  const start = performance.now();
  const words = ['dist/main.js', 'lab', 'rehearse', '-f', 'lvs.conf.example'];
  const { status } = spawnSync(process.execPath, words, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`lab rehearse ended with ${status}`);
  return Math.round((performance.now() - start) / 1000);
}

/** Into a cache of its own, as if for the first time. */
function buildImage(): number {
  mkdirSync('build', { recursive: true });
  const cache = mkdtempSync(join(process.cwd(), 'build/image-'));
  try {
    const start = performance.now();
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const { status } = spawnSync('sh', ['lab/image.sh'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`lab/image.sh ended with ${status}`);
    return Math.round((performance.now() - start) / 1000);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
