import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { monitor } from './monitor.js';

const within = (timeout: string, words: string[]) =>
  monitor(['--type', 'script', '--timeout', timeout, '--address', '192.0.2.7', '--', ...words]);
const script = (...words: string[]) => within('10', words);
const shortly = (...words: string[]) => within('0.5', words);

function pidFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lvs-monitor-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, 'pid');
}

/** Killed but not yet reaped by init counts as gone. */
async function isGone(file: string): Promise<boolean> {
  const status = `/proc/${readFileSync(file, 'utf8').trim()}/stat`;
  for (let turn = 0; turn < 20; turn += 1) {
    try {
      if (/\) [ZX]/.test(readFileSync(status, 'utf8'))) return true;
    } catch {
      return true;
    }
    await sleep(20);
  }
  return false;
}

test('a script that ends with 0 is alive, whatever it prints', async t => {
  const { code, hosts } = await script('/bin/echo', '--help', 'fine');
  t.is(code, 0);
  t.deepEqual(hosts, []);
});

test('a script that ends otherwise is dead, and what it said is told', async t => {
  const { code, hosts, details } = await script('/bin/sh', '-c', 'echo no banner >&2; exit 1');
  t.is(code, 1);
  t.deepEqual(hosts, ['192.0.2.7']);
  t.is(details, '192.0.2.7: script: exit 1 no banner\n');
});

test('a script killed by a signal is dead', async t => {
  const { code, details } = await script('/bin/sh', '-c', 'kill -9 $$');
  t.is(code, 1);
  t.is(details, '192.0.2.7: script: killed by signal 9\n');
});

test('a script that hangs is dead after the time-out and killed with its children', async t => {
  const file = pidFile(t);
  const { code, details, seconds } = await shortly('/bin/sh', '-c', `sleep 60 & echo $! >${file}; wait`);
  t.is(code, 1);
  t.is(details, '192.0.2.7: script: no answer within 0.5 s\n');
  t.true(seconds < 5, `${seconds} s`);
  t.true(await isGone(file));
});

test('a script that closes its output and hangs is dead after the time-out', async t => {
  const { code, seconds } = await shortly('/bin/sh', '-c', 'exec >&- 2>&-; sleep 60');
  t.is(code, 1);
  t.true(seconds >= 0.5 && seconds < 5, `${seconds} s`);
});

test('a child left behind holds nothing up and is killed', async t => {
  const file = pidFile(t);
  const { code, seconds } = await script('/bin/sh', '-c', `sleep 60 & echo $! >${file}; exit 0`);
  t.is(code, 0);
  t.true(seconds < 5, `${seconds} s`);
  t.true(await isGone(file));
});

test('a script reads an empty standard input', async t => {
  t.is((await script('/bin/sh', '-c', 'test -z "$(cat)"')).code, 0);
});

test('a script that floods its output is dead', async t => {
  const { code, details } = await script('/bin/sh', '-c', 'exec cat /dev/zero');
  t.is(code, 1);
  t.is(details, '192.0.2.7: script: it wrote more than a MiB\n');
});

test('a script that is not there says nothing about the server: not checked', async t => {
  const { code, hosts, details } = await script('/nonexistent/check-ssh');
  t.is(code, 2);
  t.deepEqual(hosts, ['192.0.2.7']);
  t.is(details, '192.0.2.7: script: not checked: /nonexistent/check-ssh: No such file or directory\n');
});

test('a monitor that is told to end takes its script along and does not end as alive', async t => {
  const file = pidFile(t);
  const words = ['--type', 'script', '--timeout', '30', '--address', '::1', '--', '/bin/sh', '-c'];
  const child = spawn('/usr/bin/perl', [
    resolve('templates/mon/lvs.monitor'),
    ...words,
    `sleep 60 & echo $! >${file}; wait`,
  ]);
  const end = once(child, 'close');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(20);
  child.kill('SIGTERM');
  t.is((await end)[0], 2);
  t.true(await isGone(file));
});
