// `lvsctl lab` as its user has it, with the real machine: a shell by a pipe and by a terminal, and a run that is killed.
// Each sentence is told when it holds; the first that does not ends it all.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = join(PROJECT, 'dist/main.js');
const WORDS = ['lab', 'shell', '-f', join(PROJECT, 'lvs.conf.example')];
/** Seconds, on a busy host. */
const PATIENCE = 300;

// A cache of its own with the image that there is, so that all else in it is ours.
const image = execFileSync('sh', [join(PROJECT, 'lab/image.sh')], { encoding: 'utf8' }).trim();
const cache = mkdtempSync(join(tmpdir(), 'lvsctl-'));
mkdirSync(join(cache, 'lvsctl'));
symlinkSync(image, join(cache, 'lvsctl', basename(image)));
process.env['XDG_CACHE_HOME'] = cache;
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));

let told = 0;
const holds = (sentence: string): void => console.log(`ok ${++told} - ${sentence}`);

/** A program, and what it has printed so far. */
class Spoken {
  #text = '';
  readonly ended: Promise<number | null>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.on('data', (text: Buffer) => void (this.#text += text.toString()));
    child.stderr!.on('data', (text: Buffer) => void (this.#text += text.toString()));
    this.ended = new Promise(resolve => {
      child.on('exit', resolve);
    });
  }

  /** Waits until this is printed, and forgets all that came before. */
  async hear(pattern: RegExp): Promise<void> {
    for (let tries = 0; tries < PATIENCE * 10; tries++) {
      const found = pattern.exec(this.#text);
      if (found) {
        this.#text = this.#text.slice(found.index + found[0].length);
        return;
      }
      if (this.child.exitCode !== null) break;
      await sleep(100);
    }
    this.child.kill();
    assert.fail(`${pattern} was not printed, but:\n${this.#text}`);
  }

  async say(text: string, pattern: RegExp): Promise<void> {
    this.child.stdin!.write(text);
    await this.hear(pattern);
  }
}

/** A drain with an end, until that has come. */
const DUE = `host midas sh <<'END'
weight() { ipvsadm -Sn | sed -n 's/.* -r 192.168.45.13:80 .*-w //p'; }
lvsctl drain --all 192.168.45.13 --expires 5s && echo "drained: $(weight)"
for try in $(seq 100); do [ "$(weight)" = 1 ] && break; sleep 1; done
echo "afterwards: $(weight)"
END
`;

function byPipe(): void {
  const input =
    DUE +
    'host midas ipvsadm -Ln\necho trouble >&2\nhost nobody\nprintf part; printf "unfinished, too" >&2; echo s\nhost estepe "hostname; exit 7"\n';
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...WORDS], {
    input,
    encoding: 'utf8',
    timeout: PATIENCE * 1000,
  });
  assert.match(stdout, /^UDP {2}192\.168\.45\.26:177 wrr/m, stderr);
  assert.match(stdout, /^estepe$/m);
  assert.match(stdout, /^drained: 0\nafterwards: 1$/m, stderr);
  holds('lvsctl is there, and what comes due is done');
  holds('commands come by a pipe, and what they print is on standard output');
  assert.match(stderr, /^trouble$/m);
  assert.match(stderr, /^host: there is no host nobody/m);
  assert.match(stdout, /^parts$/m);
  assert.match(stderr, /^unfinished, too$/m);
  holds('what they complain about is on standard error');
  assert.equal(status, 7);
  holds('the exit code is that of the last one');
}

async function byTerminal(): Promise<void> {
  const command = `stty rows 37 cols 111; stty -a >/dev/null; '${process.execPath}' '${MAIN}' ${WORDS.map(one => `'${one}'`).join(' ')}; echo "ended $?"; stty -a`;
  const env = { ...process.env, TERM: 'xterm' };
  const shell = new Spoken(spawn('script', ['-qec', command, '/dev/null'], { env, stdio: 'pipe' }));
  await shell.hear(/server-192-168-45-13 {2}real server {2}eth0 192\.168\.45\.13[^]*lab# /);
  holds('a terminal gets the list of hosts and a prompt');
  await shell.say('stty size; echo "is $TERM"\r', /\b37 111\r\n[^]*is xterm\r[^]*lab# /);
  holds('the machine knows the size and the kind of the terminal');
  shell.child.stdin!.write('sleep 1000\r');
  await sleep(2000);
  await shell.say('\u0003', /lab# /);
  await shell.say('echo "was $?"\r', /was 130\r[^]*lab# /);
  holds('Ctrl-C ends the program there, and nothing else');
  await shell.say('host mid\t\r', /midas# /);
  await shell.say('hostname\r', /\rmidas\r/);
  await shell.say('exit\r', /lab# /);
  holds('`host NAME`, completed, enters a host, whose prompt has its name, and exit leaves it');
  await shell.say('(exit 5)\r', /lab# /);
  await shell.say('\u0004', /ended 5\r/);
  await shell.hear(/[^-]icanon[^]* echo /);
  holds('Ctrl-D ends the machine with the status of the last command, and the terminal is as it was');
  assert.equal(await shell.ended, 0);
}

/** Files of runs, and processes that name them. */
function traces(): string[] {
  const files = readdirSync(join(cache, 'lvsctl')).filter(name => name !== basename(image));
  const { stdout } = spawnSync('pgrep', ['-f', cache], { encoding: 'utf8' });
  return [...files, ...stdout.split('\n').filter(line => line !== '')];
}

const mounts = (): string => readFileSync('/proc/self/mounts', 'utf8');

async function killed(): Promise<void> {
  assert.deepEqual(traces(), []);
  const before = mounts();
  const rehearsal = new Spoken(
    spawn(process.execPath, [MAIN, ...WORDS.with(1, 'rehearse')], { stdio: 'pipe' }),
  );
  await rehearsal.hear(/hosts are up/);
  assert.ok(traces().length > 2);
  rehearsal.child.kill('SIGKILL');
  await rehearsal.ended;
  for (let tries = 0; traces().length > 0 && tries < 100; tries++) await sleep(100);
  assert.deepEqual(traces(), []);
  assert.equal(mounts(), before);
  holds('a rehearsal that is killed leaves no process, no file and no mount');
}

/** Not even boot.sh could clean up: its processes end by themselves, and the next boot takes its folder away. */
async function bootKilled(): Promise<void> {
  const boot = join(PROJECT, 'lab/boot.sh');
  const job = mkdtempSync(join(tmpdir(), 'lvsctl-job-'));
  process.on('exit', () => rmSync(job, { recursive: true, force: true }));
  writeFileSync(join(job, 'run'), '#!/bin/sh\necho runs\n[ -e /lab/once ] || sleep 1000\n', { mode: 0o755 });
  const pack = (name: string, ...files: readonly string[]): string => {
    execFileSync('tar', ['-c', '-f', join(job, name), '-C', job, ...files]);
    return join(job, name);
  };
  // boot.sh has the job in its command line, and all that it starts the cache: it goes last, after what clears up.
  const processes = (): string =>
    spawnSync('pgrep', ['-a', '-f', `${cache}|${job}`], { encoding: 'utf8' }).stdout;
  const killedWhile = async (...command: readonly [string, ...string[]]): Promise<void> => {
    const [program, ...args] = command;
    const first = new Spoken(spawn(program, args, { cwd: PROJECT, stdio: 'pipe' }));
    await first.hear(/runs/);
    first.child.kill('SIGKILL');
    await first.ended;
    for (let tries = 0; processes() !== '' && tries < 100; tries++) await sleep(100);
    assert.equal(processes(), '');
  };
  const long = pack('long.tar', 'run');
  // As npm starts it: npm, its shell, what brings in the packages, and that starts the lab.
  const wrapped = `'${process.execPath}' packaging/with-dependencies.mjs -- sh '${boot}' '${long}'`;
  await killedWhile('sh', '-c', `sh -c "${wrapped}; true"; true`);
  assert.deepEqual(traces(), []);
  await killedWhile(process.execPath, 'packaging/with-dependencies.mjs', '--', 'sh', boot, long);
  assert.deepEqual(traces(), []);
  holds('`npm run lab` and what it starts, either killed, leave no process and no file');
  await killedWhile('sh', boot, long);
  assert.equal(traces().length, 1);
  writeFileSync(join(job, 'once'), '');
  execFileSync('sh', [boot, pack('short.tar', 'run', 'once')]);
  assert.deepEqual(traces(), []);
  holds('a boot.sh that is killed leaves no process, and its folder goes with the next run');
}

byPipe();
await byTerminal();
await killed();
await bootKilled();
console.log(`1..${told}`);
