import { addressBits, familyOf } from '../../src/cluster/address.js';
import { SCHEDULERS } from '../../src/cluster/scheduler.js';
import type { Family } from '../../src/cluster/service.js';

/** What ipvsadm and the kernel say to a line; the first kind ends `-R`, after the second it goes on. */
class ParseError extends Error {}
class Refusal extends Error {}

interface Service {
  readonly name: string;
  readonly words: string;
  readonly port: number | undefined;
  readonly family: Family;
  readonly servers: Map<string, Server>;
}

interface Server {
  readonly forwarding: string;
  readonly tunnel: string;
  readonly weight: number;
  readonly upper: number;
  readonly lower: number;
}

const NUMBER = /^\d+$/;

/**
 * ipvsadm 1.31 and the kernel's table, as they were measured: an edit starts from the defaults, ports are rewritten
 * under direct routing and tunnel, a line that does not parse ends the batch, one that the kernel refuses does not.
 */
export class ModelIpvsadm {
  readonly #services = new Map<string, Service>();
  /** Schedulers whose modules this kernel lacks. */
  readonly lacks = new Set<string>();
  /** Active and inactive connections, by the words for service and server: `192.0.2.1:80 192.0.2.11:80`, `7 …`. */
  readonly busy = new Map<string, readonly [active: number, inactive: number]>();
  /** Conns, InPkts, OutPkts, InBytes, OutBytes; by the same, or by the service alone. */
  readonly counted = new Map<string, readonly number[]>();
  /** Schedulers that it has, and lvsctl does not know. */
  readonly schedulers = new Set<string>();
  #timeouts = [900, 120, 300];

  /** `ipvsadm -R`. */
  restore(lines: readonly string[]): { readonly exitCode: number; readonly stderr: string } {
    let exitCode = 0;
    const said: string[] = [];
    for (const line of lines) {
      exitCode = 0;
      try {
        this.#line(line);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        said.push(error.message);
        if (error instanceof ParseError) return { exitCode: 2, stderr: `${said.join('\n')}\n` };
        if (!(error instanceof Refusal)) throw error;
        exitCode = 255;
      }
    }
    return { exitCode, stderr: said.map(text => `${text}\n`).join('') };
  }

  /** `ipvsadm -Sn`: marks as signed numbers, tunnels last and always named, no limits. */
  rules(): string {
    const lines = this.#sorted().flatMap(({ name, words, servers }) => [
      `-A ${signed(name)} ${words}`,
      ...[...servers].map(([place, { forwarding, weight, tunnel }]) => {
        const type = forwarding === '-i' ? ` ${tunnel}` : '';
        return `-a ${signed(name)} -r ${place} ${forwarding} -w ${weight}${type}`;
      }),
    ]);
    return lines.map(line => `${line}\n`).join('');
  }

  /** `ipvsadm -Ln --thresholds`. */
  thresholds(): string {
    const title = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
  -> RemoteAddress:Port
`;
    const lines = this.#sorted().flatMap(({ name, words, servers }) => [
      `${listed(name)} ${words.split(' ')[1]}`,
      ...[...servers].map(
        ([place, { upper, lower }]) =>
          `  -> ${place.padEnd(28)} ${[upper, lower, ...(this.busy.get(`${wordOf(name)} ${place}`) ?? [0, 0])].map(value => String(value).padEnd(10)).join(' ')}`,
      ),
    ]);
    return title + lines.map(line => `${line}\n`).join('');
  }

  /** `ipvsadm -Ln --stats --exact`; `--rate` has other titles. */
  counters(): string {
    const title = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
`;
    const numbers = (name: string): string =>
      (this.counted.get(name) ?? [0, 0, 0, 0, 0]).map(value => String(value).padStart(8)).join(' ');
    const lines = this.#sorted().flatMap(({ name, servers }) => [
      `${listed(name).padEnd(33)} ${numbers(wordOf(name))}`,
      ...[...servers.keys()].map(place => `  -> ${place.padEnd(28)} ${numbers(`${wordOf(name)} ${place}`)}`),
    ]);
    return title + lines.map(line => `${line}\n`).join('');
  }

  /** `ipvsadm -Ln --timeout`. */
  timeouts(): string {
    return `Timeout (tcp tcpfin udp): ${this.#timeouts.join(' ')}\n`;
  }

  #sorted(): Service[] {
    return [...this.#services.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  #line(line: string): void {
    const [command = '', ...words] = line.split(' ');
    if (command === '--set') {
      if (words.length !== 3 || !words.every(word => NUMBER.test(word)))
        throw new ParseError('--set option requires 3 timeout values');
      // 0 leaves the value.
      this.#timeouts = words.map((word, index) => Number(word) || this.#timeouts[index]!);
      return;
    }
    if (!/^-[AEDaed]$/.test(command)) throw new ParseError(`unexpected argument ${command}`);
    const options = optionsOf(command, words);
    const name = nameOf(options);
    if (/[AED]/.test(command)) this.#service(command, name, options);
    else this.#server(command, name, options);
  }

  #service(command: string, name: string, options: ReadonlyMap<string, string>): void {
    const known = this.#services.get(name);
    if (command === '-D') {
      if (!known) throw new Refusal('No such service');
      this.#services.delete(name);
      return;
    }
    const scheduler = options.get('-s') ?? 'wlc';
    const port = options.has('-f') ? undefined : Number(name.slice(name.lastIndexOf(':') + 1));
    const family = options.has('-f')
      ? options.has('-6')
        ? 'ipv6'
        : 'ipv4'
      : name.includes('[')
        ? 'ipv6'
        : 'ipv4';
    if (port === 0 && !options.has('-p'))
      throw new ParseError('Zero port specified for non-persistent service');
    if (options.has('-o') && port !== undefined && !options.has('-u'))
      throw new ParseError('One-Packet Scheduling is only for UDP virtual services');
    for (const flag of options.get('-b')?.split(',') ?? [])
      if (!flag.startsWith(`${scheduler}-`)) throw new ParseError(`incompatible scheduler flag \`${flag}'`);
    if (command === '-A' && known) throw new Refusal('Service already exists');
    if (command === '-E' && !known) throw new Refusal('No such service');
    const isKnown = Object.hasOwn(SCHEDULERS, scheduler) || this.schedulers.has(scheduler);
    if (!isKnown || this.lacks.has(scheduler)) throw new Refusal('Scheduler or persistence engine not found');
    const words = serviceWords(options, scheduler, family);
    this.#services.set(name, { name, words, port, family, servers: known?.servers ?? new Map() });
  }

  #server(command: string, name: string, options: ReadonlyMap<string, string>): void {
    const service = this.#services.get(name);
    const given = options.get('-r');
    if (given === undefined) throw new ParseError("You need to supply the 'real-server' option");
    const [, address = '', port = ''] = /^(.+):(\d+)$/.exec(given) ?? [];
    if (port === '') throw new ParseError('illegal real server address[:port] specified');
    const forwarding = ['-g', '-m', '-i'].find(way => options.has(way)) ?? '-g';
    const rewritten = command !== '-d' && service?.port !== undefined && forwarding !== '-m';
    const place = `${address}:${rewritten ? service.port : port}`;
    const family = familyOf(address);
    if (command !== '-d' && service && family !== service.family && forwarding !== '-i')
      throw new ParseError('Different address family is allowed only for tunneling servers');
    if (!service) throw new Refusal('Service not defined');
    const known = service.servers.has(place);
    if (command === '-a' && known) throw new Refusal('Destination already exists');
    if (command !== '-a' && !known) throw new Refusal('No such destination');
    if (command === '-d') service.servers.delete(place);
    else service.servers.set(place, serverOf(options, forwarding));
  }
}

const VALUED = ['-t', '-u', '--sctp-service', '-f', '-s', '-p', '-M', '--pe', '-b', '-r', '-w', '-x', '-y'];
const TUNNEL = ['--tun-type', '--tun-port'];
const BARE: Readonly<Record<string, readonly string[]>> = {
  A: ['-6', '-o'],
  a: ['-6', '-g', '-m', '-i', '--tun-csum', '--tun-nocsum'],
};

function optionsOf(command: string, words: readonly string[]): Map<string, string> {
  const kind = /[AED]/.test(command) ? 'A' : 'a';
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (options.has(word)) throw new ParseError('multiple options specified');
    if (BARE[kind]!.includes(word)) options.set(word, '');
    else if ([...VALUED, ...TUNNEL].includes(word)) options.set(word, words[++index] ?? '');
    else throw new ParseError(`unexpected argument ${word}`);
  }
  return options;
}

function nameOf(options: ReadonlyMap<string, string>): string {
  for (const flag of ['-t', '-u', '--sctp-service', '-f']) {
    const value = options.get(flag);
    if (value === undefined) continue;
    if (flag === '-f' && !(Number(value) > 0 && Number(value) < 2 ** 32))
      throw new ParseError(`invalid fwmark value \`${value}' specified`);
    return `${flag} ${value}${options.has('-6') ? ' -6' : ''}`;
  }
  throw new ParseError("You need to supply the 'service' option");
}

function serviceWords(options: ReadonlyMap<string, string>, scheduler: string, family: Family): string {
  const words = ['-s', scheduler];
  const mask = options.get('-M');
  if (options.has('-p')) words.push('-p', options.get('-p')!);
  const whole = mask === '255.255.255.255' || mask === String(addressBits('ipv6'));
  if (options.has('-p') && mask !== undefined && !whole) {
    if ((family === 'ipv6') !== !mask.includes('.')) throw new ParseError('illegal netmask specified');
    words.push('-M', mask);
  }
  if (options.has('--pe')) words.push('--pe', options.get('--pe')!);
  if (options.has('-o')) words.push('-o');
  if (options.has('-b')) words.push('-b', options.get('-b')!);
  return words.join(' ');
}

function serverOf(options: ReadonlyMap<string, string>, forwarding: string): Server {
  const number = (flag: string, usual: number, most: number): number => {
    const text = options.get(flag);
    if (text === undefined) return usual;
    if (!NUMBER.test(text) || Number(text) > most) throw new ParseError(`illegal ${flag} specified`);
    return Number(text);
  };
  const type = options.get('--tun-type') ?? 'ipip';
  const words = ['--tun-type', type];
  if (type === 'gue') words.push('--tun-port', options.get('--tun-port')!);
  if (type !== 'ipip') words.push(options.has('--tun-csum') ? '--tun-csum' : '--tun-nocsum');
  return {
    forwarding,
    tunnel: words.join(' '),
    weight: number('-w', 1, 65_535),
    upper: number('-x', 0, 2 ** 31 - 1),
    lower: number('-y', 0, 2 ** 31 - 1),
  };
}

function wordOf(name: string): string {
  return name.split(' ')[1]!;
}

function signed(name: string): string {
  return name.replace(/^-f (\d+)/, (_, mark: string) => `-f ${Number(mark) | 0}`);
}

function listed(name: string): string {
  const [flag = '', value = '', six] = signed(name).split(' ');
  if (flag === '-f') return `FWM  ${value}${six ? ' IPv6' : ''}`;
  return `${{ '-t': 'TCP ', '-u': 'UDP ', '--sctp-service': 'SCTP' }[flag]} ${value}`;
}
