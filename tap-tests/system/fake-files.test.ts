import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { createFiles } from '../../src/system/files.js';
import type { Files } from '../../src/system/ports.js';
import { FakeFiles } from '../support/fake-files.js';

/** Steps that each make one result; the fake is worth what it shares with the real thing. */
const STEPS: readonly ((files: Files) => Promise<unknown>)[] = [
  files => files.look('/a/b'),
  files => files.list('/a'),
  files => files.replace('/a/b', 'text', 0o640),
  files => files.look('/a/b'),
  files => files.look('/a'),
  async files => Buffer.from(await files.read('/a/b')).toString(),
  async files => Buffer.from(await files.read('/a/b', 2)).toString(),
  files => files.read('/a'),
  files => files.read('/none'),
  files => files.read('/a/b/c'),
  files => files.replace('/a', '', 0o644),
  files => files.link('/a', '/x'),
  files => files.replace('/a/b/c', '', 0o644),
  files => files.replace('/a/b/c/d', '', 0o644),
  files => files.link('/l', '/x'),
  files => files.look('/l'),
  files => files.chmod('/a/b', 0o600),
  files => files.look('/a/b'),
  files => files.chmod('/none', 0o600),
  files => files.replace('/l', 'a file now', 0o755),
  files => files.look('/l'),
  files => files.list('/a/b'),
  files => files.list('/a'),
  files => files.list('/none'),
  files => files.append('/log/a', 'one\n', 0o640),
  files => files.append('/log/a', 'two', 0o600),
  files => files.append('/log/a', 'three\n', 0o600),
  async files => Buffer.from(await files.read('/log/a')).toString(),
  files => files.look('/log/a'),
  files => files.append('/log', 'x', 0o644),
  files => files.rename('/log/a', '/log/b'),
  files => files.rename('/log/a', '/log/b'),
  files => files.rename('/log/b', '/a'),
  files => files.list('/log'),
  files => files.remove('/log/b'),
  files => files.remove('/log/b'),
  files => files.remove('/log/b/c'),
  files => files.remove('/log'),
  files => files.list('/log'),
  files => files.makeFolder('/run/deep', 0o755),
  files => files.look('/run/deep'),
  files => files.makeFolder('/run', 0o755),
  files => files.makeFolder('/l', 0o755),
  files => files.lock('/nowhere/lock', '', 0),
  async files => {
    const first = await files.lock('/run/lock', 'me', 0);
    const [second, note] = [await files.lock('/run/lock', 'you', 0), await text(files, '/run/lock')];
    await first?.release();
    await first?.release();
    const third = await files.lock('/run/lock', 'them', 0);
    await third?.release();
    return [first !== undefined, second, note, third !== undefined, await text(files, '/run/lock')];
  },
  files => files.look('/run/lock'),
];

async function text(files: Files, path: string): Promise<string> {
  return Buffer.from(await files.read(path)).toString();
}

async function outcome(files: Files, step: (typeof STEPS)[number]): Promise<unknown> {
  try {
    return await step(files);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

test('files in memory answer and refuse as real ones do', async t => {
  const root = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  const [real, fake] = [createFiles(root), new FakeFiles()];
  for (const step of STEPS) t.deepEqual(await outcome(fake, step), await outcome(real, step), String(step));
});
