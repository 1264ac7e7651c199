import test, { type ExecutionContext } from 'ava';
import { Errands } from '../../src/lab/errands.js';
import { LabFailure } from '../../src/lab/failure.js';
import { accompany } from '../../src/system/companion.js';

const GUEST = 'lab/guest';

/** On this machine itself: entering a host is the lab's own to show. */
function sh(errands: Errands, script: string, options: { input?: string; timeout?: number } = {}) {
  return errands.run('/bin/sh', ['-c', script], options);
}

test('a program gets its words and its input, and its streams and exit code come back', async t => {
  const errands = new Errands(accompany, GUEST);
  const result = await errands.run('/bin/sh', ['-c', 'cat; echo "$1" >&2; exit 7', 'sh', "it's\nä  *"], {
    input: 'línea\0two',
  });
  t.deepEqual(result, { exitCode: 7, stdout: 'línea\0two', stderr: "it's\nä  *\n", timedOut: false });
  t.is((await sh(errands, 'cat')).stdout, '');
  t.is((await sh(errands, 'kill -9 $$')).exitCode, undefined);
  t.deepEqual(await errands.run('/nowhere/program', []), {
    exitCode: 127,
    stdout: '',
    stderr: '/nowhere/program: No such file or directory\n',
    timedOut: false,
  });
});

test('many run at once, and each gets its own answer, whoever is ready first', async t => {
  const errands = new Errands(accompany, GUEST);
  const { stdout: folder } = await sh(errands, 'mktemp -d');
  const go = `${folder.trim()}/go`;
  const waiting = sh(errands, `until [ -e ${go} ]; do sleep 0.05; done; rm -r ${folder.trim()}; echo last`);
  const numbers = Array.from({ length: 40 }, (_, index) => index);
  const answers = await Promise.all(numbers.map(one => sh(errands, `echo ${one}`)));
  t.deepEqual(
    answers.map(one => one.stdout),
    numbers.map(one => `${one}\n`),
  );
  await sh(errands, `: >${go}`);
  t.is((await waiting).stdout, 'last\n');
});

test('megabytes go in and come out, on both streams at once', async t => {
  const errands = new Errands(accompany, GUEST);
  const text = 'a line of text that is not short\n'.repeat(100_000);
  const { stdout, stderr } = await sh(errands, 'tee /dev/stderr', { input: text });
  t.true(stdout === text);
  t.true(stderr === text);
});

test('a daemon that has closed its output is not waited for, another one is', async t => {
  const errands = new Errands(accompany, GUEST);
  const daemon = await sh(errands, 'sleep 600 </dev/null >/dev/null 2>&1 & echo $!');
  t.false(daemon.timedOut);
  t.is((await sh(errands, `kill ${daemon.stdout.trim()}`)).exitCode, 0);
  t.is((await sh(errands, '(sleep 0.3; echo later) & echo now')).stdout, 'now\nlater\n');
});

test('what takes too long is killed with all that it started, and says so', async t => {
  const errands = new Errands(accompany, GUEST);
  const result = await sh(errands, 'echo begun; sleep 60 & echo $!; sleep 60', { timeout: 500 });
  t.is(result.exitCode, undefined);
  t.true(result.timedOut);
  const [, process] = /^begun\n(\d+)\n$/.exec(result.stdout)!;
  t.is((await sh(errands, `sleep 0.2; grep -v zombie /proc/${process}/status | grep State`)).stdout, '');
  const left = await sh(errands, 'sleep 60 & echo $!', { timeout: 500 });
  t.true(left.timedOut);
});

test('a host that is gone is a failure of that run alone', async t => {
  const errands = new Errands(accompany, GUEST);
  const result = await errands.run('/bin/true', [], { inside: '999999999' });
  t.deepEqual(result, {
    exitCode: 1,
    stdout: '',
    stderr: 'process 999999999: No such file or directory\n',
    timedOut: false,
  });
  t.is((await sh(errands, 'echo on')).stdout, 'on\n');
});

async function refused(t: ExecutionContext, errands: Errands, reason: RegExp): Promise<void> {
  const error = await t.throwsAsync(() => sh(errands, 'sleep 5'), { instanceOf: LabFailure });
  t.regex(error.message, reason);
}

test('where the runner dies, who waits and who comes later are told', async t => {
  const errands = new Errands(accompany, GUEST);
  const waiting = refused(t, errands, /^nothing can be run on the lab's hosts: perl ended with SIGKILL$/);
  await sh(errands, 'kill -9 $PPID').catch(() => undefined);
  await waiting;
  await refused(t, errands, /ended with SIGKILL/);
});

test('where it cannot start, that is told', async t => {
  await refused(t, new Errands(accompany, '/nowhere'), /perl ended with 2$/);
});
