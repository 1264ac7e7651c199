import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import type { Runner } from '../../src/system/ports.js';
import { ROOT } from './context.js';
import { FakeFiles } from './fake-files.js';
import { KernelHost } from './kernel-host.js';

/** What kill -9 does to a process, as far as this process can be told: nothing is done after it. */
export class Killed extends Error {}

const CHANGES = ['replace', 'link', 'chmod', 'makeFolder', 'append', 'remove', 'rename'];

/** A director in memory, whose process may be killed before any change of the disk and any line of the kernel. */
export class Mortal {
  readonly disk = new FakeFiles();
  readonly host: KernelHost;
  steps = 0;
  /** Is asked before each step: throws where it must not be made. */
  before = (_step: number, _what: string): void => {};
  private readonly run: Runner['run'];

  constructor(t: ExecutionContext) {
    this.host = new KernelHost(t);
    this.run = (program, args, options) => this.host.programs(program, args, options);
    const step = (what: string): void => this.before(++this.steps, what);
    this.host.files = new Proxy(this.disk, {
      get(disk, name) {
        const own: unknown = Reflect.get(disk, name);
        if (typeof own !== 'function') return own;
        if (!CHANGES.includes(String(name))) return own.bind(disk) as unknown;
        return async (...args: unknown[]): Promise<unknown> => {
          step(`${String(name)} ${String(args[0])}`);
          return await (own as (...all: unknown[]) => Promise<unknown>).apply(disk, args);
        };
      },
    });
    this.host.put = (path, content) => void this.disk.replace(path, content, 0o644);
    this.host.runner = {
      follow: () => Promise.reject(new Error('nothing is followed here')),
      run: async (program, args, options) => {
        const line = [program, ...args].join(' ');
        if (
          /^(ip addr|nft (-f|delete)|sh -c printf|systemctl (stop|start|enable|disable|reset-failed))/.test(
            line,
          )
        )
          step(line);
        if (args[0] !== '-R') return await this.run(program, args, options);
        const said: string[] = [];
        for (const line of options!.input!.split('\n').slice(0, -1)) {
          step(line);
          said.push(this.host.kernel.restore([line]).stderr);
        }
        return { exitCode: 0, stdout: '', stderr: said.join(''), missing: false, timedOut: false };
      },
    };
  }

  /** Fills the table from this description, where one is given, beside somebody else's service. */
  async ready(description?: string): Promise<void> {
    for (const name of ['sysctl.conf.hbs', 'marks.nft.hbs']) {
      const text = readFileSync(`${ROOT}templates/director/${name}`);
      await this.disk.replace(`/package/templates/director/${name}`, text, 0o644);
    }
    await this.disk.replace('/proc/sys/net/ipv4/ip_forward', '0\n', 0o644);
    await this.disk.replace('/proc/net/ip_vs', '', 0o444);
    await this.disk.replace('/proc/sys/kernel/random/boot_id', '6f1c1d6e-0000-4000-8000-000000000001', 0o444);
    this.host.kernel.restore(['-A -t 192.0.2.200:80 -s rr']);
    if (description !== undefined) await this.apply(description);
  }

  async apply(text: string, ...more: string[]): Promise<number> {
    await this.disk.replace('/here/lvs.yaml', text, 0o644);
    return await this.act('apply', '-f', 'lvs.yaml', ...more);
  }

  async tick(): Promise<number> {
    return await this.act('tick');
  }

  /** Any verb. @returns its exit code */
  async act(...argv: string[]): Promise<number> {
    this.steps = 0;
    return (await this.host.run(...argv)).exitCode;
  }

  /** The table, and what goes with it. */
  table(): string {
    const lines = this.host.kernel.rules().split('\n').toSorted();
    const { marks = '' } = this.host.machine;
    const rules = marks.slice(marks.indexOf('table inet lvsctl_marks {'));
    return [...lines, this.host.kernel.timeouts(), ...this.host.machine.held().toSorted(), rules].join('\n');
  }

  /** The number that runs, and whether an intent is left. */
  async state(): Promise<string> {
    const link = await this.disk.look('/var/lib/lvsctl/generations/current');
    const left = await this.disk.look('/var/lib/lvsctl/intent.json');
    const names = await this.disk.list('/var/lib/lvsctl/generations');
    return `${link?.kind === 'link' ? link.target : 'nothing'} of ${names.join(' ')}${left ? ', and an intent' : ''}`;
  }
}

/** Whether it came to its end. */
export async function survives(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof Killed) return false;
    throw error;
  }
}
