// node packaging/complete-lock.mjs, after a version of a dependency has changed.
//
// A registry mirror may lack the binaries for other systems. npm then leaves them out of package-lock.json, and
// `npm ci` refuses the lock on every machine. This puts them back, from the names and versions that their parents give.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const packages = Object.entries(lock.packages);

for (const [path, parent] of packages) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] || lock.packages[`${path}/node_modules/${name}`]) continue;
    const [, os, cpu, c] =
      /\b(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|ia32|ppc64|riscv64|s390x|x64)\b-?(\w*)/.exec(
        name,
      ) ?? [];
    if (!os) throw new Error(`${name}: for which system?`);
    const libc = os === 'linux' && c !== '' ? { libc: [c.startsWith('musl') ? 'musl' : 'glibc'] } : {};
    const { license, dev, engines } = parent;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      dev,
      ...libc,
      license,
      optional: true,
      os: [os],
      engines,
    };
    console.log(name, version);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
