import type { RunResult } from '../../src/system/ports.js';

interface Address {
  readonly local: string;
  readonly prefixlen: number;
  dadfailed?: true;
}

/** Interfaces, marks, modules and settings of a director: what `ip`, `nft` and the others do to them, as they do it. */
export class ModelMachine {
  /** By interface. */
  readonly interfaces = new Map<string, Address[]>([
    ['lo', [{ local: '127.0.0.1', prefixlen: 8 }]],
    ['eth0', [{ local: '192.0.2.1', prefixlen: 24 }]],
    ['eth1', [{ local: '192.0.3.1', prefixlen: 24 }]],
  ]);
  marks: string | undefined;
  /** As `ipvsadm -Ln --daemon` lists them. */
  daemons = '';
  /** Every command that changed something, as it was run. */
  readonly changes: string[] = [];
  /** Command lines that fail, and what they say. */
  readonly refused = new Map<RegExp, string>();

  /** @param put makes a file of the machine */
  constructor(private readonly put: (path: string, content: string) => void) {}

  /** `eth0 192.0.2.1/24`. */
  held(): string[] {
    return [...this.interfaces].flatMap(([name, all]) =>
      all.map(({ local, prefixlen }) => `${name} ${local}/${prefixlen}`),
    );
  }

  /** What a program does and says; undefined for one that is not of this model. */
  answer(program: string, args: readonly string[], input = ''): Partial<RunResult> | undefined {
    const line = [program, ...args].join(' ');
    for (const [pattern, stderr] of this.refused) if (pattern.test(line)) return { exitCode: 2, stderr };
    if (line === 'ipvsadm -R') this.changes.push(...input.trimEnd().split('\n'));
    if (line === 'ipvsadm -Ln --daemon') return { stdout: this.daemons };
    if (line === 'ip -j addr show') return { stdout: JSON.stringify(this.#listing()) };
    if (line.startsWith('ip -o route get ')) {
      const near = args[3]!.startsWith('192.0.3.') ? 'eth1' : 'eth0';
      return { stdout: `${args[3]} dev ${near} src 192.0.2.1 uid 0 \\    cache \n` };
    }
    if (line.startsWith('nft list '))
      return this.marks === undefined ? { exitCode: 1, stderr: 'No such file' } : { stdout: this.#listed() };
    if (line === 'arping -V') return { stdout: 'arping from iputils 20221126\n' };
    if (line.startsWith('setsid --fork sh -c exec ')) {
      if (line.includes('arping')) this.changes.push(`arping ${args.slice(5).join(' ')}`);
      return line.includes('arping') ? {} : undefined;
    }
    if (program === 'sh') return this.#setting(args);
    if (program === 'modprobe') this.put(`/sys/module/${args[0]}/x`, '');
    else if (program === 'nft') this.marks = args[0] === '-f' ? input : undefined;
    else if (program === 'ip') return this.#address(line, args);
    else if (/^ipvsadm --(start|stop)-daemon/.test(line)) this.#daemon(args);
    else return undefined;
    this.changes.push(line);
    return {};
  }

  #setting([, , , value, path]: readonly string[]): Partial<RunResult> {
    this.changes.push(`${path!.replace('/proc/sys/', '')} = ${value}`);
    this.put(path!, `${value!.replaceAll(' ', '\t')}\n`);
    return {};
  }

  #address(line: string, [, verb, place, , device]: readonly string[]): Partial<RunResult> {
    const all = this.interfaces.get(device!);
    if (!all) return { exitCode: 1, stderr: `Cannot find device "${device}"\n` };
    const [local, prefix] = place!.split('/');
    const at = all.findIndex(one => one.local === local && one.prefixlen === Number(prefix));
    if (verb === 'add' && at >= 0) return { exitCode: 2, stderr: 'RTNETLINK answers: File exists\n' };
    if (verb === 'del' && at < 0)
      return { exitCode: 2, stderr: 'RTNETLINK answers: Cannot assign requested address\n' };
    if (verb === 'add') all.push({ local: local!, prefixlen: Number(prefix) });
    else all.splice(at, 1);
    this.changes.push(line);
    return {};
  }

  #daemon(args: readonly string[]): void {
    const [verb, role, , device, , id] = args;
    const others = this.daemons.split('\n').filter(one => one !== '' && !one.startsWith(role!));
    if (verb === '--start-daemon')
      others.push(`${role} sync daemon (mcast=${device}, syncid=${id}, maxlen=1472)`);
    this.daemons = others.map(one => `${one}\n`).join('');
  }

  /** Without the lines that make it replace the one before. */
  #listed(): string {
    return this.marks!.slice(this.marks!.indexOf('table inet lvsctl_marks {'));
  }

  #listing(): object[] {
    return [...this.interfaces].map(([ifname, addr_info], index) => ({
      ifindex: index + 1,
      ifname,
      addr_info,
    }));
  }
}
