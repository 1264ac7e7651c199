import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { PATIENCE, takeLock } from '../../src/state/lock.js';
import { LOCK } from '../../src/state/paths.js';
import { createFiles } from '../../src/system/files.js';
import type { Files } from '../../src/system/ports.js';
import { TestHost } from '../support/context.js';
import { FakeFiles, fileError } from '../support/fake-files.js';
import { after, fails } from './support.js';

const SINCE = after(0).at;
const US = { pid: process.pid, since: SINCE };

/** A machine whose /proc knows this process alone. */
function machine(t: ExecutionContext): TestHost {
  const host = new TestHost(t);
  host.files = createFiles(host.root);
  host.put(`/proc/${process.pid}/comm`, 'node\n');
  return host;
}

test('the lock is made where it is missing, and free again once it is released', async t => {
  const host = machine(t);
  const lock = await takeLock(host.files, 'apply', US, 0);
  t.is(host.mode('/run/lvsctl'), 0o755);
  t.is(host.mode(LOCK), 0o600);
  await lock.release();
  await (await takeLock(host.files, 'drain', US, 0)).release();
});

test('who waits in vain learns which command holds the lock, since when', async t => {
  const { files } = machine(t);
  const lock = await takeLock(files, 'server add', US, 0);
  const error = await fails(t, takeLock(files, 'poll', { pid: 1, since: SINCE }, 200), 'locked', /./);
  t.is(
    error.message,
    `\`lvsctl server add\` (process ${process.pid}, since ${SINCE}) holds ${LOCK}, still after 0.2 s`,
  );
  await lock.release();
});

test('a person waits less than what runs by itself', t => {
  t.deepEqual(PATIENCE, { person: 5000, program: 30_000 });
});

test("a script's lock is another program's, whatever a note of before says", async t => {
  const host = machine(t);
  await (await takeLock(host.files, 'apply', US, 0)).release();
  const script = spawn('sh', ['-c', `exec 9>>"$1"; flock 9; echo held; read -r _`, 'sh', host.root + LOCK]);
  await once(script.stdout, 'data');
  await fails(t, takeLock(host.files, 'poll', US, 0), 'locked', /^another program holds/);
  for (const note of ['lvsctl', '{}', '{"pid":-1,"verb":"apply","since":"now"}', 'x'.repeat(10_000)]) {
    writeFileSync(host.root + LOCK, note);
    await fails(t, takeLock(host.files, 'poll', US, 0), 'locked', /^another program holds/);
  }
  const hostile = JSON.stringify({ pid: process.pid, verb: '\u001b[2J', since: SINCE });
  writeFileSync(host.root + LOCK, hostile);
  await fails(t, takeLock(host.files, 'poll', US, 0), 'locked', /^another program holds/);
  writeFileSync(host.root + LOCK, JSON.stringify({ pid: 4_000_000, verb: 'apply', since: SINCE }));
  await fails(t, takeLock(host.files, 'poll', US, 0), 'locked', /`lvsctl apply` \(process 4000000, ended\)/);
  script.stdin.end();
  await (await takeLock(host.files, 'poll', US, 30_000)).release();
  t.is(readFileSync(host.root + LOCK, 'utf8'), '');
});

test('what the file system refuses, and a missing flock, are two failures', async t => {
  const refusing = (refusal: Error): Files =>
    Object.assign(new FakeFiles(), { lock: () => Promise.reject(refusal) });
  await fails(t, takeLock(refusing(fileError('EROFS', LOCK)), 'apply', US, 0), 'file', /lock$/);
  await fails(t, takeLock(refusing(fileError('ENOENT', LOCK)), 'apply', US, 0), 'file', /lock$/);
  const missing = Object.assign(fileError('ENOENT'), { path: 'flock' });
  const error = await fails(
    t,
    takeLock(refusing(missing), 'apply', US, 0),
    'no-flock',
    /program flock is missing/,
  );
  t.regex(error.help ?? '', /util-linux/);
});
