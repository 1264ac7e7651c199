import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { eventLine, type LabEvent } from '../../src/lab/events.js';
import { EXAMPLE, type Outcome, ROOT } from './context.js';

/** The program as it is installed, but for boot.sh, which is this script. */
export function packageWith(t: ExecutionContext, boot: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['templates', 'realserver', 'package.json', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  cpSync(join(ROOT, 'build/src'), join(folder, 'build/src'), { recursive: true });
  cpSync(join(ROOT, 'lab'), join(folder, 'lab'), { recursive: true });
  writeFileSync(join(folder, 'lab/needs'), 'sh dash\n');
  writeFileSync(join(folder, 'lab/boot.sh'), boot);
  writeFileSync(join(folder, 'lvs.conf'), EXAMPLE);
  return folder;
}

export function lab(folder: string, args: readonly string[], input = ''): Outcome {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'build/src/main.js'), 'lab', ...args],
    { cwd: folder, encoding: 'utf8', input },
  );
  return { exitCode: status ?? -1, out: stdout, err: stderr };
}

export function says(...events: readonly LabEvent[]): string {
  return events.map(event => `printf '%s\\n' '${eventLine(event).replaceAll("'", `'\\''`)}'\n`).join('');
}

export const drill = (outcome: 'passed' | 'failed' | 'not-run', title: string): LabEvent => ({
  event: 'end',
  id: 'traffic',
  title,
  outcome,
  detail: `why it ${outcome}`,
  figures: {},
  seconds: 1,
});
export const done = (status = 0): LabEvent => ({ event: 'done', status });
export const hosts: LabEvent = {
  event: 'hosts',
  hosts: [
    {
      name: 'midas',
      role: 'director',
      links: [{ interface: 'eth0', segment: 'front', addresses: ['192.0.2.1/24'] }],
      routes: [],
    },
  ],
};
