// Renders the clusters of scenarios, by this very project's `configure --out`, before the machine boots: emulated,
// each would take 15 seconds. All in one process, whose start would take longer than what it does for one of them.
// Arguments: the scenarios' names; none = all.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from '../../src/commands/context.js';
import { runProgram } from '../../src/commands/program.js';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import { createClock } from '../../src/system/clock.js';
import { createFiles } from '../../src/system/files.js';
import { createNet } from '../../src/system/net.js';
import { createRunner } from '../../src/system/runner.js';
import { folderOf, PROJECT } from './harness.js';
import { chosen } from './scenarios.js';

const surroundings: Surroundings = {
  ports: { runner: createRunner(), files: createFiles(), net: createNet(), clock: createClock() },
  version: '',
  packageRoot: PROJECT,
  workingDirectory: PROJECT,
  out: () => undefined,
  err: text => void process.stderr.write(text),
  outColour: false,
  errColour: false,
  stdin: () => Promise.resolve(new Uint8Array()),
  close: () => undefined,
  interrupted: () => false,
  undisturbed: act => act(),
  stop: new AbortController().signal,
  inTerminal: false,
  errTerminal: false,
  node: process.execPath,
  program: [],
  pid: process.pid,
  user: '',
  searchPath: '',
};

const ports = portNames(readFileSync('/etc/services', 'utf8'));
const descriptions = new Set(chosen(process.argv.slice(2)).flatMap(one => one.descriptions));
rmSync(join(PROJECT, 'build/lab/clusters'), { recursive: true, force: true });
await Promise.all([...descriptions].map(render));

async function render(description: string): Promise<void> {
  const folder = folderOf(description);
  mkdirSync(folder, { recursive: true });
  const file = join(
    folder,
    description.startsWith('#') && !/^version:/m.test(description) ? 'lvs.conf' : 'lvs.yaml',
  );
  writeFileSync(file, description);
  const exitCode = await runProgram(['configure', '-f', file, '--out', join(folder, 'trees')], surroundings);
  if (exitCode !== 0) throw new Error(`${file} cannot be rendered`);
  const { cluster } = await readDescription(Buffer.from(description), file, ports);
  writeFileSync(join(folder, 'cluster.json'), JSON.stringify(cluster));
}
