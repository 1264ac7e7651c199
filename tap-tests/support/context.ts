import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { Failure } from '../../src/commands/exit.js';
import { runProgram } from '../../src/commands/program.js';
import { createFiles } from '../../src/system/files.js';
import type { Surroundings } from '../../src/commands/context.js';
import type { Net, Files, Runner, RunResult } from '../../src/system/ports.js';
import { lockHere } from './lock-here.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A cluster of two directors and two servers, with one warning. */
export const EXAMPLE = `# A comment.
director   midas   192.168.45.23   eth0
director   estepe  192.168.45.204  eth0
failover   heartbeat
checker    mon
mailto     root@localhost

lvshost    192.168.45.26
service udp 177 wrr {
\t192.168.45.13\t1
\t192.168.45.43\t1
}
service tcp ssh wlc {
\t192.168.45.13\t1
\t192.168.45.43\t2
}
lvshost    192.168.45.27
service tcp http wlc {
\t192.168.45.13\t1
\t192.168.45.43\t2
}
`;

export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** A machine that is a folder: real files below it, a name and addresses as the test wants them, no programs. */
export class TestHost {
  readonly root = mkdtempSync(join(tmpdir(), 'lvsctl-'));
  name = 'midas';
  addresses = ['127.0.0.1', '::1'];
  input = '';
  user = 'ada';
  version = '0.0.0';
  packageRoot = '/package';
  workingDirectory = '/here';
  node = '/usr/bin/node';
  searchPath = '/usr/bin:/bin';
  /** Milliseconds, by both clocks. */
  time = 0;
  /** How far the wall's clock has been set forward, and when the boot was. */
  stepped = 0;
  booted = 0;
  sleep = (ms: number): Promise<void> => Promise.resolve(void (this.time += ms));
  interrupted = (): boolean => false;
  /** What others say to whoever connects: nobody does, at first. */
  network: Pick<Net, 'ask' | 'connect' | 'hear'> = {
    hear: () => Promise.resolve({ silent: 'ECONNREFUSED' }),
    connect: () => Promise.resolve(undefined),
    ask: () => Promise.resolve(undefined),
  };
  files: Files = { ...createFiles(this.root), lock: lockHere(this.root) };
  runner: Runner = { run: refuse, follow: refuse };
  serve: Net['serve'] = () => Promise.reject(new Error('nobody is to be served'));
  readonly stop = new AbortController();
  openTerminal: Surroundings['openTerminal'];
  labAccelerator: string | undefined;
  monAlertType: string | undefined;
  /** Runs when an open file is given up. */
  close = (_descriptor: number): void => {};

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.root, { recursive: true, force: true }));
    // The package lies where a test may see its paths in messages, whatever folder it is in.
    symlinkSync(ROOT, join(this.root, 'package'));
    mkdirSync(join(this.root, 'here'));
    this.put('/etc/services', 'ssh 22/tcp\nhttp 80/tcp www\n');
  }

  /** A command line, from the folder /here. What main.ts does with failures is done here, too. */
  async run(...argv: string[]): Promise<Outcome> {
    let out = '';
    let err = '';
    const exitCode = await runProgram(argv, {
      ports: {
        files: this.files,
        net: {
          hostName: () => this.name,
          addresses: () => this.addresses,
          serve: serving => this.serve(serving),
          ...this.network,
        },
        runner: this.runner,
        clock: {
          now: () => new Date(this.time + this.stepped),
          elapsed: () => this.time - this.booted,
          sleep: ms => this.sleep(ms),
        },
      },
      version: this.version,
      packageRoot: this.packageRoot,
      workingDirectory: this.workingDirectory,
      out: text => void (out += text),
      err: text => void (err += text),
      outColour: false,
      errColour: false,
      stdin: most => Promise.resolve(Buffer.from(this.input).subarray(0, most)),
      close: descriptor => this.close(descriptor),
      interrupted: () => this.interrupted(),
      undisturbed: act => act(),
      stop: this.stop.signal,
      ...(this.openTerminal ? { openTerminal: this.openTerminal } : {}),
      inTerminal: false,
      errTerminal: false,
      node: this.node,
      program: ['/usr/bin/node', '/package/main.js'],
      pid: 4711,
      user: this.user,
      searchPath: this.searchPath,
      labAccelerator: this.labAccelerator,
      monAlertType: this.monAlertType,
    }).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      err += `lvsctl: ${error.message}\n${error.help === undefined ? '' : `  help: ${error.help}\n`}`;
      return error.exitCode;
    });
    return { exitCode, out, err };
  }

  put(path: string, content: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(this.root + path), { recursive: true });
    writeFileSync(this.root + path, content);
    chmodSync(this.root + path, mode);
  }

  remove(path: string): void {
    rmSync(this.root + path);
  }

  text(path: string): string {
    return readFileSync(this.root + path, 'utf8');
  }

  mode(path: string): number {
    return lstatSync(this.root + path).mode & 0o7777;
  }

  /** Every file and link below a folder with what it holds: what a command changed is a difference of two of these. */
  everything(folder = ''): Record<string, string> {
    const found: Record<string, string> = {};
    for (const entry of readdirSync(this.root + folder, { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) Object.assign(found, this.everything(path));
      else if (entry.isSymbolicLink()) found[path] = `-> ${readlinkSync(this.root + path)}`;
      else found[path] = `${this.mode(path).toString(8)} ${this.text(path)}`;
    }
    return found;
  }

  /** The paths of everything below a folder. */
  paths(folder = ''): string[] {
    return Object.keys(this.everything(folder)).toSorted();
  }
}

/** A pair of directors with heartbeat, in YAML; `more` stands in front of its services. */
export function heartbeatPair(more = ''): string {
  return `version: 1
checker: mon
directors:
  - { name: midas, address: 192.0.2.1, interface: eth0 }
  - { name: estepe, address: 192.0.2.2, interface: eth0 }
failover: { by: heartbeat, links: [eth0, eth1] }
${more}services:
  - { name: web, address: 192.0.2.100, port: 80, servers: [192.0.2.11, 192.0.2.12] }
`;
}

function refuse(program: string): Promise<RunResult> {
  return Promise.reject(new Error(`${program} is not to be run`));
}
