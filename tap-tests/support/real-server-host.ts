import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import type { RunResult } from '../../src/system/ports.js';
import { Host } from '../realserver/support.js';
import { ROOT, TestHost } from './context.js';

/** A real server of the cluster below: files of its own, and a network namespace in which its programs run. */
export class RealServerHost extends TestHost {
  readonly net: Host;

  constructor(t: ExecutionContext) {
    super(t);
    this.net = new Host(t);
    this.name = 'web1';
    this.addresses = ['127.0.0.1', '::1', '10.0.0.11', '2001:db8::11'];
    this.put('/etc/lvsctl/lvs.yaml', DESCRIPTION);
    this.runner = {
      run: (program, args) => {
        // What this machine has there itself, or has not, is none of the tests' business.
        const words = args.map(word => word.replace(/^\/var\/lib\/lvsctl(?=\/|$)/, this.stateFolder));
        const { status, stdout, stderr } = spawnSync('env', [...this.net.enter, program, ...words], {
          encoding: 'utf8',
          env: this.#environment,
        });
        return Promise.resolve(resultOf(status, stdout, stderr));
      },
      follow: async (program, args, line, { input, signal } = {}) => {
        // The package is at its true place for programs.
        const words = args.map(word => word.replace(/^\/package\//, ROOT));
        const child = spawn('env', [...this.net.enter, program, ...words], { env: this.#environment });
        signal?.addEventListener('abort', () => child.kill('SIGTERM'));
        // A script that refuses reads nothing.
        child.stdin.on('error', () => {});
        child.stdin.end(input);
        const code = new Promise<number | null>(resolve => {
          child.on('exit', resolve);
        });
        for await (const text of createInterface(child.stdout)) line(text);
        return resultOf(await code, '', '');
      },
    };
  }

  /** Does something before each program, in a mount namespace of its own. */
  wrap(script: string): void {
    const inner = this.runner;
    this.runner = {
      ...inner,
      follow: (program, args, line, options) =>
        inner.follow(
          'unshare',
          ['-m', 'sh', '-ec', `${script}; exec "$@"`, 'sh', program, ...args],
          line,
          options,
        ),
    };
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.net.environment, LVSCTL_STATE_DIR: this.stateFolder };
  }

  get stateFolder(): string {
    return `${this.root}/var/lib/lvsctl`;
  }

  get found(): string | undefined {
    return existsSync(`${this.stateFolder}/realserver.found`)
      ? this.text('/var/lib/lvsctl/realserver.found')
      : undefined;
  }

  /** The tree's script, with the state that the verb has. */
  tree(word: string, settings: string): { code: number | null; out: string; err: string } {
    this.net.settings(settings);
    const environment = { ...this.net.environment, LVSCTL_STATE_DIR: this.stateFolder };
    return this.net.run(['sh', `${ROOT}realserver/realserver.lvs.dr`, word], environment);
  }
}

/** env(1) ends with 127 where there is no such program. */
function resultOf(status: number | null, stdout: string, stderr: string): RunResult {
  return { exitCode: status ?? undefined, stdout, stderr, missing: status === 127, timedOut: false };
}

export const VIP = '10.0.0.50';
export const VIP6 = '2001:db8::50';
export const DESCRIPTION = `version: 1
directors:
  - { name: midas, address: 10.0.0.1, interface: eth0 }
  - { name: estepe, address: 10.0.0.2, interface: eth0 }
failover: { by: vrrp }
hosts:
  web1: { address: 10.0.0.11, address6: "2001:db8::11" }
  web2: { address: 10.0.0.12, address6: "2001:db8::12" }
services:
  - { name: web, address: ${VIP}, port: 80, servers: [ web1, web2 ] }
  - { name: web6, address: "${VIP6}", port: 80, servers: [ web1, web2 ] }
`;

/** systemctl(1) of a host on which systemd does not run: it makes links. */
export const SYSTEMCTL = `echo "$*" >>"$LOG"
link="\${LVSCTL_STATE_DIR%/var/lib/lvsctl}/etc/systemd/system/multi-user.target.wants/$2"
case $1 in
  is-enabled) [ -L "$link" ] && echo enabled ;;
  is-active) exit 3 ;;
  enable) mkdir -p "\${link%/*}" && ln -s "../$2" "$link" ;;
  disable) rm -f "$link" ;;
  *) exit 1 ;;
esac`;
