// Compiles src/ and tap-tests/ into build/, for the tests. What is left of a deleted source goes: it would count as
// code that no test reaches.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

for (const folder of ['src', 'tap-tests']) {
  const compiled = join(root, 'build', folder);
  if (!existsSync(compiled)) continue;
  for (const file of readdirSync(compiled, { recursive: true })) {
    const source = join(root, folder, file.replace(/\.js(\.map)?$/, '.ts'));
    if (/\.js(\.map)?$/.test(file) && !existsSync(source)) rmSync(join(compiled, file), { force: true });
  }
}

const tsc = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: root, stdio: 'inherit' });
process.exitCode = tsc.status ?? 1;
