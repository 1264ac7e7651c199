import { rmSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import type { RunResult } from '../../src/system/ports.js';
import type { Outcome } from './context.js';
import { neighbourhood, scriptFinds } from './doctor-wire.js';
import { KernelHost } from './kernel-host.js';

/** What `doctor` said, as data. */
export interface Said {
  readonly exitCode: number;
  readonly codes: readonly string[];
  readonly findings: readonly {
    readonly code: string;
    readonly subject: string;
    readonly what: string;
    readonly commands: readonly string[];
  }[];
  readonly unknown: readonly { readonly check: string; readonly why: string }[];
  readonly passed: readonly string[];
  readonly err: string;
}

/** A director on which nothing is wrong, until a test breaks it. */
export class DoctorHost extends KernelHost {
  /** What a program says, by the beginning of its command line; before the healthy answers below. */
  readonly says = new Map<string, Partial<RunResult>>();
  /** How servers are reached that are not on-link: the words behind the address. */
  readonly routes = new Map<string, string | null>();
  /** Modules that modprobe(8) has. */
  lacking: RegExp = /^$/;
  folder = '755 0';
  /** What the script of real servers says of its set-up. */
  script: readonly string[] = ['running'];
  links = [
    { ifname: 'eth0', operstate: 'UP', flags: ['UP'] },
    { ifname: 'eth1', operstate: 'UP', flags: ['UP'] },
  ];

  constructor(t: ExecutionContext) {
    super(t);
    const kernel = this.programs;
    this.programs = async (program, args, options) => {
      const line = [program, ...args].join(' ');
      const told: RunResult = { exitCode: 0, stdout: '', stderr: '', missing: false, timedOut: false };
      const said = [...this.says].find(([start]) => line.startsWith(start));
      if (said) return { ...told, ...said[1] };
      if (line.startsWith('/usr/bin/node /package/main.js ')) {
        const { exitCode, out, err } = await this.run(...args.slice(1));
        return { ...told, exitCode, stdout: out, stderr: err };
      }
      const answer = this.#healthy(line, options?.input ?? '');
      return answer ? { ...told, ...answer } : await kernel(program, args, options);
    };
    this.runner = { ...this.runner, follow: scriptFinds(() => this.script) };
    for (const name of ['all', 'lo', 'eth0', 'eth1'])
      for (const [key, value] of [
        ['arp_ignore', 1],
        ['arp_announce', 2],
        ['rp_filter', 0],
        ['send_redirects', 0],
      ])
        this.put(`/proc/sys/net/ipv4/conf/${name}/${key}`, `${value}\n`);
    this.put('/run/systemd/system/x', '');
    this.put('/sys/module/ip_vs/parameters/conn_tab_bits', '12\n');
    this.put('/proc/sys/net/ipv4/vs/conn_reuse_mode', '1\n');
    this.put('/proc/sys/net/netfilter/nf_conntrack_count', '12\n');
    this.put('/proc/sys/net/netfilter/nf_conntrack_max', '262144\n');
  }

  #healthy(line: string, input: string): Partial<RunResult> | undefined {
    if (line === 'ip -j link show') return { stdout: JSON.stringify(this.links) };
    if (line === 'ip -o -force -batch -')
      return {
        stdout: input
          .trim()
          .split('\n')
          .map(one => this.#route(one))
          .join(''),
      };
    if (line.startsWith('modprobe --show-depends ')) return this.#depends(line.split(' ')[2]!);
    if (line.startsWith('chmod ') || line.startsWith('chown ')) this.folder = '755 0';
    const outputs: readonly (readonly [RegExp, string])[] = [
      [/^(chmod|chown) /, ''],
      [/^stat /, this.folder],
      [
        /^df -P -k/,
        'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 100000000 1 99999999 1% /\n',
      ],
      [/^df -P -i/, 'Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/vda 1000000 1 999999 1% /\n'],
      [/^test -w /, ''],
      [/^id -u/, '0\n'],
      [/^systemctl is-enabled /, 'enabled\n'],
      [/^systemctl list-units /, ''],
      [/^timedatectl /, 'yes\n'],
      [/^nft list ruleset/, ''],
      [/^timeout 3 bash /, ''],
      [/^arping -D /, ''],
    ];
    const found = outputs.find(([pattern]) => pattern.test(line));
    return found ? { stdout: found[1] } : neighbourhood(line);
  }

  #route(line: string): string {
    const address = line.split(' ')[2]!;
    const words = this.routes.get(address) ?? 'dev eth0 src 192.0.2.1';
    return this.routes.get(address) === null ? '' : `${address} ${words} uid 0 \\    cache \n`;
  }

  #depends(name: string): Partial<RunResult> {
    if (this.lacking.test(name))
      return { exitCode: 1, stderr: `modprobe: FATAL: Module ${name} not found.\n` };
    return { stdout: `insmod /lib/modules/6.1.0/ip_vs.ko \ninsmod /lib/modules/6.1.0/${name}.ko \n` };
  }

  /** A process of this machine. */
  process(pid: number, ...words: string[]): void {
    this.put(`/proc/${pid}/cmdline`, words.map(word => `${word}\0`).join(''));
  }

  ended(pid: number): void {
    rmSync(`${this.root}/proc/${pid}`, { recursive: true });
  }

  async doctor(...more: string[]): Promise<Said> {
    return saidBy(await this.run('doctor', '-o', 'json', ...more));
  }
}

export function saidBy({ exitCode, out, err }: Outcome): Said {
  if (out === '') throw new Error(err);
  const said = JSON.parse(out) as Omit<Said, 'exitCode' | 'codes' | 'err'>;
  return { ...said, exitCode, err, codes: said.findings.map(({ code }) => code) };
}

/** A director of what is described, applied, started and configured; the description is in its usual place. */
export async function healthy(t: ExecutionContext, description: string): Promise<DoctorHost> {
  const host = new DoctorHost(t);
  host.put('/etc/lvsctl/lvs.yaml', description);
  for (const words of [['apply'], ['director', 'start'], ['configure']]) {
    const { exitCode, err } = await host.run(...words);
    t.is(exitCode, 0, err);
  }
  return host;
}
