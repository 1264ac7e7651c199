import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Files } from '../../src/system/ports.js';
import { createFiles } from '../../src/system/files.js';
import { lockHere } from '../support/lock-here.js';

const PATH = '/run/lock';

for (const [what, locker] of [
  [
    'the real lock',
    (root: string): Files['lock'] =>
      (...words) =>
        createFiles(root).lock(...words),
  ],
  ["the tests' own", lockHere],
] as const) {
  test(`${what}: one has it, others wait as long as they say, and a cleared folder gives a new one`, async t => {
    const root = mkdtempSync(join(tmpdir(), 'lvsctl-'));
    t.teardown(() => rmSync(root, { recursive: true }));
    const lock = locker(root);
    await t.throwsAsync(lock(PATH, 'a', 0), { code: 'ENOENT' });
    mkdirSync(`${root}/run`);
    const first = await lock(PATH, 'first', 0);
    t.is(readFileSync(root + PATH, 'utf8'), 'first');
    t.is(statSync(root + PATH).mode & 0o777, 0o600);
    t.is(await lock(PATH, 'b', 0), undefined);
    const start = performance.now();
    t.is(await lock(PATH, 'b', 100), undefined);
    t.true(performance.now() - start >= 95);
    t.is(readFileSync(root + PATH, 'utf8'), 'first');
    const waiting = lock(PATH, 'second', 30_000);
    await first!.release();
    const second = await waiting;
    await first!.release();
    t.is(readFileSync(root + PATH, 'utf8'), 'second');
    t.is(await lock(PATH, 'b', 0), undefined);
    // Its holder goes on; whoever comes finds another file.
    rmSync(`${root}/run`, { recursive: true });
    mkdirSync(`${root}/run`);
    const third = await lock(PATH, 'third', 0);
    await second!.release();
    t.is(await lock(PATH, 'b', 0), undefined);
    await third!.release();
  });
}
