import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export const FOLDER = join(process.cwd(), 'realserver');
export const SCRIPT = join(FOLDER, 'realserver.lvs.dr');
const PLANNER = join(FOLDER, 'realserver.awk');

/** The four settings that keep a VIP on lo quiet, as lvsctl renders them. */
export const ARP = `sysctl net.ipv4.conf.all.arp_ignore 1
sysctl net.ipv4.conf.{interface}.arp_ignore 1
sysctl net.ipv4.conf.all.arp_announce 2
sysctl net.ipv4.conf.{interface}.arp_announce 2
`;

export interface Result {
  code: number | null;
  out: string;
  err: string;
}

// Not the PATH of the caller: node_modules/.bin has an nft of another kind.
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const isRoot = process.getuid?.() === 0;

/** A network namespace of its own, alive until the test ends. */
export class Namespace {
  readonly #holder: ChildProcess;

  constructor(t: ExecutionContext, inside?: Namespace) {
    const enter = inside === undefined ? [] : inside.enter;
    const unshare = inside === undefined && !isRoot ? ['unshare', '-rn'] : ['unshare', '-n'];
    this.#holder = spawn('env', [...enter, ...unshare, 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
    t.teardown(() => this.#holder.kill('SIGKILL'));
    this.#wait();
  }

  get pid(): string {
    return String(this.#holder.pid);
  }

  get enter(): string[] {
    return ['nsenter', '-t', this.pid, ...(isRoot ? [] : ['-U', '--preserve-credentials']), '-n'];
  }

  run(command: string[], environment: Record<string, string> = {}): Result {
    const { status, stdout, stderr } = spawnSync('env', [...this.enter, ...command], {
      encoding: 'utf8',
      env: { ...process.env, PATH, ...environment },
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** Runs a piece of shell that has to succeed. */
  sh(script: string): string {
    const { code, out, err } = this.run(['sh', '-ec', script]);
    if (code !== 0) throw new Error(`${script}: ${code}: ${err}`);
    return out.trim();
  }

  // The child is of our own namespace until unshare has done its work.
  #wait(): void {
    const ours = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' });
    for (let tries = 0; tries < 500; tries++) {
      const theirs = spawnSync('readlink', [`/proc/${this.pid}/ns/net`], { encoding: 'utf8' }).stdout;
      const program = readFileSync(`/proc/${this.pid}/comm`, 'utf8').trim();
      if (theirs !== ours && program === 'cat') return;
    }
    throw new Error('no network namespace');
  }
}

/** A real server: a namespace with eth0, and the script with settings and state of its own. */
export class Host extends Namespace {
  readonly folder: string;
  readonly #shell: string[];

  constructor(t: ExecutionContext, { shell = 'sh', device = 'eth0' } = {}) {
    super(t);
    this.#shell = shell.split(' ');
    this.folder = mkdtempSync(join(tmpdir(), 'realserver-'));
    mkdirSync(join(this.folder, 'bin'));
    t.teardown(() => rmSync(this.folder, { recursive: true, force: true }));
    // The links settle here, with no addresses of their own making: tests compare before and after.
    this.sh(`ip link set lo up
      ip link add ${device} type veth peer name wire
      ip addr add 10.0.0.11/24 dev ${device}
      ip -6 addr add 2001:db8::11/64 dev ${device} nodad
      ip link set ${device} addrgenmode none; ip link set wire addrgenmode none
      ip link set ${device} up; ip link set wire up
      until [ "$(ip -o link | grep -v NO-CARRIER | grep -c LOWER_UP)" -eq 3 ]; do sleep 0.05; done`);
  }

  get conf(): string {
    return join(this.folder, 'realserver.conf');
  }

  settings(text: string): void {
    writeFileSync(this.conf, text);
  }

  lvs(...words: string[]): Result {
    return this.run([...this.#shell, SCRIPT, ...words], this.environment);
  }

  get environment(): Record<string, string> {
    return {
      LVSCTL_REALSERVER_CONF: this.conf,
      LVSCTL_REALSERVER_AWK: PLANNER,
      LVSCTL_STATE_DIR: join(this.folder, 'state'),
      PATH: `${join(this.folder, 'bin')}:${PATH}`,
    };
  }

  get foundFile(): string {
    return join(this.folder, 'state', 'realserver.found');
  }

  get found(): string | undefined {
    return existsSync(this.foundFile) ? readFileSync(this.foundFile, 'utf8') : undefined;
  }

  sysctl(path: string): string {
    return this.sh(`cat /proc/sys/net/${path}`);
  }

  addresses(device: string): string {
    return this.sh(`ip -o addr show dev ${device}`);
  }

  /** All that the script may change, to compare before and after. */
  get picture(): string {
    return this.sh(`ip -o addr | sed 's/ tentative//'; ip -o link | grep -o '^[^>]*>'
      grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | grep -v secret | sort; nft list ruleset`);
  }

  /** Puts a program in front of the real one, which it can call as "$REAL". */
  fake(name: string, script: string): void {
    const real = this.sh(`command -v ${name} || true`);
    const file = join(this.folder, 'bin', name);
    writeFileSync(file, `#!/bin/sh\nREAL='${real}'\nLOG='${this.folder}/${name}.log'\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Whether a fake program has left this in the host's folder. */
  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  log(name: string): string {
    const file = join(this.folder, `${name}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}
