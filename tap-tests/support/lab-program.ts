import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { eventLine, type LabEvent } from '../../src/lab/events.js';
import { createFiles } from '../../src/system/files.js';
import { createRunner } from '../../src/system/runner.js';
import { EXAMPLE, type Outcome, ROOT, TestHost } from './context.js';

/** A package as it is installed, but for boot.sh, which is this script, and for the program itself. */
export function packageWith(t: ExecutionContext, boot: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['templates', 'realserver', 'package.json', 'node_modules']) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  cpSync(join(ROOT, 'lab'), join(folder, 'lab'), { recursive: true });
  writeFileSync(join(folder, 'lab/needs'), 'sh dash\n');
  writeFileSync(join(folder, 'lab/boot.sh'), `cd "\${0%/*}/.."\n${boot}`);
  writeFileSync(join(folder, 'lvs.conf'), EXAMPLE);
  return folder;
}

/** The same with the program, for what only a process of its own can show. @returns the program */
export function programIn(folder: string): string {
  cpSync(join(ROOT, 'build/src'), join(folder, 'build/src'), { recursive: true });
  return join(folder, 'build/src/main.js');
}

/** What the verb does of such a package, in its folder, with the programs of this machine. */
export async function lab(
  t: ExecutionContext,
  folder: string,
  args: readonly string[],
  input = '',
): Promise<Outcome> {
  const host = new TestHost(t);
  host.files = createFiles();
  host.runner = createRunner();
  host.packageRoot = folder;
  host.workingDirectory = folder;
  host.node = process.execPath;
  host.searchPath = process.env['PATH'] ?? '';
  host.input = input;
  return await host.run('lab', ...args);
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
