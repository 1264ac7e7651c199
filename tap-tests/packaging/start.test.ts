import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Built {
  readonly folder: string;
  readonly code: string;
}

/** A copy of what is built, and where the code is that V8 has made of it. */
function built(t: ExecutionContext): Built {
  const { status, stderr } = spawnSync(process.execPath, ['packaging/build.mjs'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  t.is(status, 0, stderr);
  const folder = mkdtempSync(join(tmpdir(), 'lvsctl-start-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  const names = readdirSync(join(folder, 'dist')).filter(name =>
    name.endsWith(`-${process.versions.v8}.code`),
  );
  t.is(names.length, 1);
  return { folder, code: join(folder, 'dist', names[0]!) };
}

function version({ folder }: Built, ...flags: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, 'dist/main.js', '--version'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

test.serial('what is built takes the code that was made of it', t => {
  const it = built(t);
  const main = join(it.folder, 'dist/main.js');
  const asks = readFileSync(main, 'utf8').replace(
    '\n  script.runInThisContext',
    '\n  if (script.cachedDataRejected !== false) throw new Error("not taken");\n  script.runInThisContext',
  );
  writeFileSync(main, asks);
  t.regex(version(it), /^\d+\.\d+\.\d+\n$/);
});

test.serial('without that code, with half of it, with that of another V8, it starts as well', t => {
  const it = built(t);
  const whole = readFileSync(it.code);
  for (const broken of [whole.subarray(0, whole.length >> 1), Buffer.alloc(100, 1), Buffer.alloc(0)]) {
    writeFileSync(it.code, broken);
    t.regex(version(it), /^\d+\.\d+\.\d+\n$/);
  }
  writeFileSync(it.code, whole);
  t.regex(version(it, '--no-opt'), /^\d+\.\d+\.\d+\n$/, 'other flags');
  rmSync(it.code);
  t.regex(version(it), /^\d+\.\d+\.\d+\n$/);
});
