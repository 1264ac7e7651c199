// Renders the clusters of scenarios, by this very project's `configure --out`, before the machine boots: emulated,
// each would take 15 seconds. Arguments: the scenarios' names; none = all.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portNames } from '../../src/config/port-names.js';
import { readDescription } from '../../src/config/read.js';
import { folderOf, PROJECT } from './harness.js';
import { chosen } from './scenarios.js';

const ports = portNames(readFileSync('/etc/services', 'utf8'));
const descriptions = new Set(chosen(process.argv.slice(2)).flatMap(one => one.descriptions));
rmSync(join(PROJECT, 'build/lab/clusters'), { recursive: true, force: true });
for (const description of descriptions) {
  const folder = folderOf(description);
  mkdirSync(folder, { recursive: true });
  const file = join(
    folder,
    description.startsWith('#') && !/^version:/m.test(description) ? 'lvs.conf' : 'lvs.yaml',
  );
  writeFileSync(file, description);
  const trees = join(folder, 'trees');
  const args = [join(PROJECT, 'dist/main.js'), 'configure', '-f', file, '--out', trees];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const { cluster } = await readDescription(Buffer.from(description), file, ports);
  writeFileSync(join(folder, 'cluster.json'), JSON.stringify(cluster));
}
