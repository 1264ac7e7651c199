import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createFiles } from '../../src/system/files.js';

const FILES = new URL('../../src/system/files.js', import.meta.url).href;
const RUNNER = new URL('../../src/system/runner.js', import.meta.url).href;
const files = createFiles();

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Another process that has the lock when this returns, and goes on with `then`; in a group of its own where asked. */
async function holder(
  t: ExecutionContext,
  path: string,
  then: string,
  detached = false,
): Promise<ChildProcess> {
  const code = `const { createFiles } = await import(${JSON.stringify(FILES)});
    const { createRunner } = await import(${JSON.stringify(RUNNER)});
    const lock = await createFiles().lock(${JSON.stringify(path)}, 'another process', 0);
    console.log(lock ? 'held' : 'not held');
    ${then}`;
  return await started(t, process.execPath, ['--input-type=module', '--eval', code], detached);
}

/** A process that has said its first line. */
async function started(
  t: ExecutionContext,
  program: string,
  args: readonly string[],
  detached = false,
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached });
  t.teardown(() => void child.kill('SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  t.is(String(said), 'held\n');
  return child;
}

const FOR_EVER = 'setInterval(() => {}, 1000)';

test('one process has the lock at a time, and the file says which', async t => {
  const path = `${folder(t)}/lock`;
  const first = await files.lock(path, 'the first\n', 0);
  t.is(readFileSync(path, 'utf8'), 'the first\n');
  t.is(lstatSync(path).mode & 0o777, 0o600);
  t.is(await files.lock(path, 'the second\n', 0), undefined);
  t.is(readFileSync(path, 'utf8'), 'the first\n');
  await first!.release();
  t.is(readFileSync(path, 'utf8'), '');
  const second = await files.lock(path, 'the second\n', 0);
  t.truthy(second);
  await first!.release();
  t.is(readFileSync(path, 'utf8'), 'the second\n');
  await second!.release();
});

test('who waits gets the lock as soon as it is free, or learns after its time that it is not', async t => {
  const path = `${folder(t)}/lock`;
  const child = await holder(t, path, `process.once('SIGUSR2', () => lock.release()); ${FOR_EVER}`);
  const start = performance.now();
  t.is(await files.lock(path, '', 100), undefined);
  t.true(performance.now() - start >= 100);
  const waiting = files.lock(path, '', 30_000);
  child.kill('SIGUSR2');
  const lock = await waiting;
  t.truthy(lock);
  await lock!.release();
  child.kill();
});

test('kill -9 of the holder frees the lock', async t => {
  const path = `${folder(t)}/lock`;
  const child = await holder(t, path, FOR_EVER);
  t.is(await files.lock(path, '', 0), undefined);
  t.is(readFileSync(path, 'utf8'), 'another process');
  const waiting = files.lock(path, 'this one', 30_000);
  await sleep(100);
  child.kill('SIGKILL');
  const lock = await waiting;
  t.is(readFileSync(path, 'utf8'), 'this one');
  await lock!.release();
});

test('a program that was given the lock keeps it beyond the death of who started it', async t => {
  const path = `${folder(t)}/lock`;
  const done = `${path}.done`;
  const script = `cat >${done}.input; sleep 1; : >${done}`;
  const child = await holder(
    t,
    path,
    `await createRunner().run('sh', ['-c', ${JSON.stringify(script)}], { holding: lock, input: 'x'.repeat(1e6) });`,
  );
  while (!existsSync(`${done}.input`)) await sleep(10);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.is(await files.lock(path, '', 0), undefined);
  const lock = await files.lock(path, '', 30_000);
  t.true(existsSync(done));
  // What the program was to read is whole, though its writer is dead.
  t.is(readFileSync(`${done}.input`, 'utf8').length, 1e6);
  await lock!.release();
});

test("a program that was given the lock does not hear the terminal's Ctrl-C", async t => {
  const path = `${folder(t)}/lock`;
  const script = `trap 'echo broken off' INT; : >${path}.begun; sleep 1; echo done`;
  const work = `process.on('SIGINT', () => {});
    const { stdout } = await createRunner().run('sh', ['-c', ${JSON.stringify(script)}], { holding: lock, input: '' });
    await import('node:fs').then(({ writeFileSync }) => writeFileSync(${JSON.stringify(`${path}.said`)}, stdout));`;
  const child = await holder(t, path, work, true);
  while (!existsSync(`${path}.begun`)) await sleep(10);
  process.kill(-child.pid!, 'SIGINT');
  await once(child, 'exit');
  t.is(readFileSync(`${path}.said`, 'utf8'), 'done\n');
});

test('other programs that run meanwhile do not keep the lock', async t => {
  const path = `${folder(t)}/lock`;
  const child = await holder(t, path, `await createRunner().run('sleep', ['20']);`);
  await sleep(300);
  child.kill('SIGKILL');
  const lock = await files.lock(path, '', 5000);
  t.truthy(lock);
  await lock!.release();
});

test('it is the lock of flock(1), as shell scripts take it, in both directions', async t => {
  const path = `${folder(t)}/lock`;
  const script = `exec 9>>"$1"; flock -w 5 9 && echo held; read -r _`;
  const child = await started(t, 'sh', ['-c', script, 'sh', path]);
  t.is(await files.lock(path, '', 0), undefined);
  child.stdin!.end();
  const lock = await files.lock(path, 'we', 30_000);
  t.is(lstatSync(path).mode & 0o777, 0o600, 'whoever may read it may lock it');
  const refused = spawn('flock', ['-n', '-E', '9', path, 'true']);
  t.deepEqual(await once(refused, 'exit'), [9, null]);
  await lock!.release();
  const taken = spawn('flock', ['-n', path, 'true']);
  t.deepEqual(await once(taken, 'exit'), [0, null]);
});

test('a lock whose file was removed while it was waited for is not taken for the one that others find', async t => {
  const path = `${folder(t)}/lock`;
  const child = await holder(t, path, FOR_EVER);
  const waiting = files.lock(path, 'waited', 30_000);
  await sleep(200);
  renameSync(path, `${path}.old`);
  writeFileSync(path, '');
  child.kill('SIGKILL');
  const lock = await waiting;
  t.is(readFileSync(path, 'utf8'), 'waited');
  t.is(await files.lock(path, '', 0), undefined);
  await lock!.release();
});

test('without the program flock there is no lock', async t => {
  const code = `const { createFiles } = await import(${JSON.stringify(FILES)});
    await createFiles().lock(process.argv[1], '', 0).catch(error => console.log(error.code, error.path))`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code, `${folder(t)}/lock`], {
    env: { PATH: '/nowhere' },
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  t.is(String(said), 'ENOENT flock\n');
  await t.throwsAsync(files.lock('/nowhere/at/all/lock', '', 0), {
    code: 'ENOENT',
    message: /nowhere/,
  });
});
