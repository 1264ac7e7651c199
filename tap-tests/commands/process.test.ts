import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { EXAMPLE, type Outcome, ROOT } from '../support/context.js';

const MAIN = `${ROOT}build/src/main.js`;

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  writeFileSync(join(path, 'lvs.conf'), EXAMPLE);
  writeFileSync(join(path, 'bad.conf'), EXAMPLE.replace('wlc {', 'wcl {'));
  return path;
}

/** The program itself, called from a shell in which `lvsctl` is its name. */
function sh(cwd: string, script: string, env: Record<string, string> = {}): Outcome {
  const { NO_COLOR: _none, ...rest } = process.env;
  const lines = `lvsctl() { '${process.execPath}' '${MAIN}' "$@"; }\n${script}`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', lines], {
    cwd,
    encoding: 'utf8',
    env: { ...rest, TERM: 'xterm', ...env },
  });
  return { exitCode: status ?? -1, out: stdout, err: stderr };
}

test('results go to standard output, the exit code says the rest', t => {
  const { exitCode, out, err } = sh(folder(t), 'lvsctl validate -f bad.conf');
  t.is(exitCode, 78);
  t.regex(out, /^bad\.conf:13:17: error\[unknown-scheduler\]: /m);
  t.is(err, '');
});

test('a reader that has seen enough ends the program in silence', t => {
  const path = folder(t);
  const { exitCode, out, err } = sh(
    path,
    'lvsctl configure -f lvs.conf --out files -n --diff 2>err | head -n 1; echo "${PIPESTATUS[0]}"',
  );
  t.deepEqual([exitCode, out, err], [0, '--- /dev/null\n0\n', '']);
  t.notRegex(readFileSync(join(path, 'err'), 'utf8'), /EPIPE|^ +at /m);
});

test('a journal that is followed is left with Ctrl-C, and 130', async t => {
  const child = spawn(process.execPath, [MAIN, 'log', '--follow']);
  t.teardown(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  // It has no output by which its beginning could be seen.
  await setTimeout(3000);
  t.is(child.exitCode, null);
  child.kill('SIGINT');
  t.deepEqual(await ended, [130, null]);
});

test('standard input is read where - stands for the file', t => {
  t.regex(sh(folder(t), 'lvsctl validate -f - <lvs.conf').out, /<stdin> is valid/);
  t.regex(sh(folder(t), 'lvsctl validate -f - </dev/null').out, /<stdin>.*error\[empty-description\]/);
});

test('what never ends is refused as too large, quickly', t => {
  for (const way of ['-f /dev/zero', '-f - </dev/zero']) {
    const { exitCode, out } = sh(folder(t), `lvsctl validate ${way}`);
    t.is(exitCode, 78);
    t.regex(out, /error\[file-too-large\]/);
  }
});

test('colours are for terminals, unless NO_COLOR, --no-color or TERM=dumb is against it', t => {
  const path = folder(t);
  const terminal = (command: string, env = {}): string =>
    sh(path, `script -qec "'${process.execPath}' '${MAIN}' ${command}" /dev/null </dev/null`, env).out;
  t.regex(terminal('validate -f bad.conf'), /\u001b\[31m/);
  for (const out of [
    terminal('validate -f bad.conf', { NO_COLOR: '1' }),
    terminal('validate -f bad.conf --no-color'),
    terminal('validate -f bad.conf', { TERM: 'dumb' }),
    sh(path, 'lvsctl validate -f bad.conf').out,
  ]) {
    t.regex(out, /not valid/);
    t.false(out.includes('\u001b'));
  }
});

/** Whether a process has a handler for SIGHUP, which is the last of ours (proc(5), SigCgt). */
function hears(pid: number): boolean {
  const [, caught = '0'] = /^SigCgt:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${caught}`) & 1n) === 1n;
}

test('who waits for a description that nobody writes is not deaf to an interrupt', async t => {
  const path = folder(t);
  spawnSync('mkfifo', [join(path, 'pipe')]);
  for (const [file, signal] of [
    ['pipe', 'SIGINT'],
    ['-', 'SIGINT'],
    ['-', 'SIGTERM'],
    ['-', 'SIGHUP'],
  ] as const) {
    const child = spawn(process.execPath, [MAIN, 'validate', '-f', file], { cwd: path });
    let err = '';
    child.stderr.on('data', (text: Buffer) => void (err += text.toString()));
    const ended = new Promise(resolve => {
      child.on('exit', resolve);
    });
    while (!hears(child.pid!)) await setTimeout(20);
    child.kill(signal);
    const deaf = new AbortController();
    void setTimeout(30_000, undefined, deaf).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    const code = await ended;
    deaf.abort();
    t.deepEqual([code, err], [130, 'lvsctl: interrupted: nothing was read\n'], `${file} ${signal}`);
  }
});

test('a description may come through a pipe that has a name', t => {
  const path = folder(t);
  const { out } = sh(
    path,
    'mkfifo pipe; cat lvs.conf >pipe & lvsctl validate -f pipe; lvsctl validate -f <(cat lvs.conf)',
  );
  t.is(out.match(/ is valid/g)?.length, 2, out);
});

test('the first interrupt lets the file in hand be finished', async t => {
  const path = folder(t);
  const services = Array.from(
    { length: 400 },
    (_, index) => `lvshost 10.1.${index >> 8}.${index & 255}\nservice tcp 80 wlc {\n10.2.0.1 1\n}\n`,
  );
  writeFileSync(join(path, 'large.conf'), EXAMPLE + services.join(''));
  const child = spawn(process.execPath, [MAIN, 'configure', '-f', 'large.conf', '--out', 'files'], {
    cwd: path,
  });
  let err = '';
  child.stderr.on('data', (text: Buffer) => void (err += text.toString()));
  const first = join(path, 'files/midas/usr/local/sbin/fill_table');
  const wait = setInterval(() => {
    if (!existsSync(first)) return;
    clearInterval(wait);
    child.kill('SIGINT');
  }, 1);
  const code = await new Promise(resolve => {
    child.on('exit', resolve);
  });
  t.is(code, 130);
  if (err.includes('interrupted:')) t.regex(err, /\d+ of \d+ files were written, every one whole/);
  const { out } = sh(path, 'find files -name ".lvsctl-*"');
  t.is(out, '');
});
