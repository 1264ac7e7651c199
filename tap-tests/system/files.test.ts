import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createFiles } from '../../src/system/files.js';

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs a piece of JavaScript that has `files` below this root, in a process that a shell has set up. */
function process(root: string, setUp: string, script: string): { status: number | null; out: string } {
  const from = new URL('../../src/system/files.js', import.meta.url).href;
  const code = `const { createFiles } = await import(${JSON.stringify(from)}); const files = createFiles(${JSON.stringify(root)}); ${script}`;
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${setUp}; exec "$0" --input-type=module --eval "$1"`, globalThis.process.execPath, code],
    { encoding: 'utf8' },
  );
  return { status, out: stdout + stderr };
}

test('a file is streamed in pieces from any byte on, whatever becomes of its name', async t => {
  const files = createFiles(folder(t));
  const content = Buffer.alloc(2_500_000, 'abcdefg');
  await files.replace('/old', content, 0o600);
  for (const from of [0, 1_048_577, 2_499_999, 2_500_000, 3_000_000]) {
    const pieces: Uint8Array[] = [];
    for await (const piece of files.stream('/old', from)) {
      pieces.push(piece);
      await files.rename('/old', '/new');
      await files.replace('/old', content, 0o600);
    }
    t.true(content.subarray(from).equals(Buffer.concat(pieces)), `${from}`);
    t.true(pieces.every(piece => piece.length <= 1_048_576));
  }
  await t.throwsAsync(files.stream('/none', 0)[Symbol.asyncIterator]().next(), { code: 'ENOENT' });
});

test('replace makes the folders above a file and gives it its mode', async t => {
  const root = folder(t);
  const files = createFiles(root);
  await files.replace('/a/b/c', 'text', 0o640);
  t.is(readFileSync(`${root}/a/b/c`, 'utf8'), 'text');
  t.deepEqual(await files.look('/a/b/c'), { kind: 'file', mode: 0o640, size: 4 });
  await files.replace('/a/b/c', Buffer.from([0, 255]), 0o755);
  t.deepEqual(await files.look('/a/b/c'), { kind: 'file', mode: 0o755, size: 2 });
  t.deepEqual(readdirSync(`${root}/a/b`), ['c']);
});

test('a file that takes the place of another has its owner and group', async t => {
  const root = folder(t);
  const files = createFiles(root);
  const { getuid, getgid } = globalThis.process;
  // Only root can give a file away.
  const owner = getuid!() === 0 ? ([4711, 4712] as const) : ([getuid!(), getgid!()] as const);
  writeFileSync(`${root}/a`, 'old');
  chownSync(`${root}/a`, ...owner);
  await files.replace('/a', 'new', 0o640, '/a');
  const { uid, gid, mode } = lstatSync(`${root}/a`);
  t.deepEqual([uid, gid, mode & 0o777], [...owner, 0o640]);
  t.is(readFileSync(`${root}/a`, 'utf8'), 'new');
});

test('modes are as asked for, whatever the umask', t => {
  for (const umask of ['000', '077', '777']) {
    const root = folder(t);
    // The folders above a file are made under the umask, too; here they are there.
    mkdirSync(`${root}/etc`);
    const { status, out } = process(
      root,
      `umask ${umask}`,
      `await files.replace('/etc/a', 'x', 0o644); await files.replace('/etc/b', 'x', 0o600);`,
    );
    t.is(status, 0, out);
    t.is(lstatSync(`${root}/etc/a`).mode & 0o777, 0o644);
    t.is(lstatSync(`${root}/etc/b`).mode & 0o777, 0o600);
  }
});

test('a file that others may not read is at no time readable for them', async t => {
  const root = folder(t);
  const modes = new Set<number>();
  const wait = setInterval(() => {
    for (const name of readdirSync(root)) {
      const found = lstatSync(join(root, name), { throwIfNoEntry: false });
      if (found) modes.add(found.mode & 0o777);
    }
  }, 0);
  const files = createFiles(root);
  for (let count = 0; count < 50; count++) await files.replace('/secret', 'x'.repeat(100_000), 0o600);
  clearInterval(wait);
  t.deepEqual([...modes], [0o600]);
});

test('a replaced link is a file, and what it led to stays', async t => {
  const root = folder(t);
  writeFileSync(`${root}/theirs`, 'theirs');
  symlinkSync('theirs', `${root}/a`);
  await createFiles(root).replace('/a', 'ours', 0o644);
  t.deepEqual([readFileSync(`${root}/theirs`, 'utf8'), lstatSync(`${root}/a`).isFile()], ['theirs', true]);
});

test('a disk that is full half-way leaves the old file whole and no other', t => {
  const root = folder(t);
  writeFileSync(`${root}/a`, 'old');
  // A limit on the size of files makes the kernel refuse the write in its middle.
  const { status, out } = process(
    root,
    'ulimit -f 8',
    `await files.replace('/a', 'x'.repeat(100_000), 0o644).catch(e => console.log(e.code));`,
  );
  t.is(status, 0, out);
  t.is(out, 'EFBIG\n');
  t.is(readFileSync(`${root}/a`, 'utf8'), 'old');
  t.deepEqual(readdirSync(root), ['a']);
});

test('what cannot be replaced leaves no temporary file', async t => {
  const root = folder(t);
  mkdirSync(`${root}/a/inside`, { recursive: true });
  const files = createFiles(root);
  await t.throwsAsync(files.replace('/a', 'x', 0o644), { code: 'EISDIR' });
  await t.throwsAsync(files.link('/a', '/b'), { code: 'EISDIR' });
  t.deepEqual(readdirSync(root), ['a']);
});

test('a reader sees the old file or the new one, never a part', async t => {
  const root = folder(t);
  const files = createFiles(root);
  const texts = ['a', 'b'].map(letter => letter.repeat(200_000)) as [string, string];
  await files.replace('/a', texts[0], 0o644);
  const write = async (): Promise<void> => {
    for (let count = 0; count < 30; count++) await files.replace('/a', texts[count % 2]!, 0o644);
  };
  const read = async (): Promise<void> => {
    for (let count = 0; count < 200; count++) {
      t.true(texts.includes(new TextDecoder().decode(await files.read('/a'))));
    }
  };
  await Promise.all([write(), read()]);
});

test('look says what is there without following a link; nothing is nothing', async t => {
  const root = folder(t);
  const files = createFiles(root);
  await files.link('/link', '/nowhere');
  t.deepEqual(await files.look('/link'), { kind: 'link', target: '/nowhere' });
  t.deepEqual(await files.look(''), { kind: 'folder' });
  spawnSync('mkfifo', [`${root}/pipe`]);
  t.deepEqual(await files.look('/pipe'), { kind: 'other' });
  t.is(await files.look('/none'), undefined);
  t.is(await files.look('/link/below'), undefined);
  await files.replace('/file', '', 0o644);
  t.is(await files.look('/file/below'), undefined);
});

test('a device without end gives as much as is asked for', async t => {
  const bytes = await createFiles().read('/dev/zero', 100_000);
  t.is(bytes.length, 100_000);
});

test('the names in a folder come in order; where none is, there are none', async t => {
  const root = folder(t);
  const files = createFiles(root);
  for (const name of ['b', 'a', 'c/d']) await files.replace(`/${name}`, '', 0o644);
  t.deepEqual(await files.list(''), ['a', 'b', 'c']);
  t.deepEqual(await files.list('/none'), []);
  t.deepEqual(await files.list('/a'), []);
});

test('appended lines are added whole, after a torn one on a line of their own', async t => {
  const root = folder(t);
  const files = createFiles(root);
  await files.append('/var/log', 'one\n', 0o640);
  await files.append('/var/log', 'two\nthr', 0o640);
  await files.append('/var/log', 'four\n', 0o600);
  t.is(readFileSync(`${root}/var/log`, 'utf8'), 'one\ntwo\nthr\nfour\n');
  t.is(lstatSync(`${root}/var/log`).mode & 0o777, 0o640);
});

test('appending processes do not write over each other', async t => {
  const root = folder(t);
  const script = (letter: string): string =>
    `for (let n = 0; n < 50; n++) await files.append('/log', '${letter}'.repeat(99) + '\\n', 0o644);`;
  const from = new URL('../../src/system/files.js', import.meta.url).href;
  const run = async (letter: string): Promise<void> => {
    const code = `const { createFiles } = await import(${JSON.stringify(from)}); const files = createFiles(${JSON.stringify(root)}); ${script(letter)}`;
    const child = spawn(globalThis.process.execPath, ['--input-type=module', '--eval', code]);
    t.deepEqual(await once(child, 'exit'), [0, null]);
  };
  await Promise.all(['a', 'b', 'c'].map(run));
  const lines = readFileSync(`${root}/log`, 'utf8').split('\n').slice(0, -1);
  t.is(lines.length, 150);
  t.true(lines.every(line => /^(a{99}|b{99}|c{99})$/.test(line)));
});

test('folders are made with the mode asked for, whatever the umask; what is there keeps its own', t => {
  const root = folder(t);
  mkdirSync(`${root}/var`, { mode: 0o700 });
  const { status, out } = process(
    root,
    'umask 077',
    `await files.makeFolder('/var/lib/ours', 0o755); await files.makeFolder('/var', 0o755);`,
  );
  t.is(status, 0, out);
  const mode = (path: string): number => lstatSync(root + path).mode & 0o777;
  t.deepEqual(['/var', '/var/lib', '/var/lib/ours'].map(mode), [0o700, 0o755, 0o755]);
});

test('a file is removed, or given another name', async t => {
  const root = folder(t);
  const files = createFiles(root);
  await files.replace('/a', 'a', 0o644);
  await files.replace('/b', 'b', 0o644);
  await files.rename('/a', '/b');
  t.deepEqual([readdirSync(root), readFileSync(`${root}/b`, 'utf8')], [['b'], 'a']);
  await files.remove('/b');
  await files.remove('/b');
  t.deepEqual(readdirSync(root), []);
});
