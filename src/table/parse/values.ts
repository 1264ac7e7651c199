import { addressBits, familyOf } from '../../cluster/address.js';
import type { Family, Protocol } from '../../cluster/service.js';
import type { Code } from '../../diagnostic/codes.js';
import { quote } from '../../diagnostic/quote.js';
import type { Span } from '../../diagnostic/source.js';
import type { TableKey, TablePersistence, TableServer, TableService, TableTunnel } from '../table.js';
import type { Given, Options, Word } from './options.js';
import { tableAddress, unsignedMark } from './output.js';

/** The number of a port by its name in /etc/services. */
export type PortLookup = (name: string, protocol: Protocol) => number | undefined;

type Complain = (code: Code, span: Span, message: string, help?: string) => void;

const PROTOCOLS = { '-t': 'tcp', '-u': 'udp', '--sctp-service': 'sctp' } as const;
const FORWARDINGS = { '-g': 'direct', '-m': 'nat', '-i': 'tunnel' } as const;
/** Seconds that `-p` alone means: IPVS_SVC_PERSISTENT_TIMEOUT of libipvs. */
const USUAL_PERSISTENCE = 360;

/** What the options of a rule mean, ipvsadm's defaults filled in. What cannot be is reported, and then undefined. */
export class Values {
  constructor(
    private readonly ports: PortLookup,
    private readonly complain: Complain,
  ) {}

  key(options: Options, span: Span): TableKey | undefined {
    const found = (['-t', '-u', '--sctp-service', '-f'] as const).filter(name => options.has(name));
    const [name] = found;
    if (name === undefined || found.length > 1) {
      this.complain('unknown-rule', span, 'a rule has one service: -t, -u, --sctp-service or -f');
      return undefined;
    }
    const value = options.get(name)!.value!;
    if (name === '-f') {
      const fwmark = unsignedMark(value.text);
      if (fwmark === undefined)
        this.complain('bad-value', value, `${quote(value.text)} is no mark: 1 to 4294967295`);
      const family = options.has('-6') ? 'ipv6' : 'ipv4';
      return fwmark === undefined ? undefined : { kind: 'fwmark', fwmark, family };
    }
    const protocol = PROTOCOLS[name];
    const place = this.endpoint(value, protocol, 0);
    return place && { kind: 'address', ...place, protocol };
  }

  service(options: Options, span: Span): Omit<TableService, 'servers'> | undefined {
    const key = this.key(options, span);
    if (!key) return undefined;
    const family = key.kind === 'address' ? familyOf(key.address) : key.family;
    const engine = options.get('--pe')?.value!.text;
    const persistence = options.has('-p') ? this.persistence(options, family, engine) : undefined;
    if (persistence === null) return undefined;
    const scheduler = options.get('-s')?.value!.text ?? 'wlc';
    return {
      key,
      scheduler,
      flags: flagsOf(options.get('-b')),
      ...(persistence ? { persistence } : engine === undefined ? {} : { idleEngine: engine }),
      onePacket: options.has('-o'),
    };
  }

  server(options: Options, key: TableKey, span: Span): TableServer | undefined {
    const named = options.get('-r')?.value;
    if (!named) {
      this.complain('unknown-rule', span, 'a server is missing: -r ADDRESS:PORT');
      return undefined;
    }
    const own = key.kind === 'address' ? key : { protocol: 'tcp' as const, port: 0 };
    const place = this.endpoint(named, own.protocol, own.port);
    const numbers = {
      weight: this.number(options.get('-w'), 1),
      upper: this.number(options.get('-x'), 0),
      lower: this.number(options.get('-y'), 0),
    };
    const ways = (['-g', '-m', '-i'] as const).filter(name => options.has(name));
    if (ways.length > 1) this.complain('unknown-rule', span, 'a server has one of -g, -m and -i');
    const forwarding = FORWARDINGS[ways[0] ?? '-g'];
    const tunnel = this.tunnel(options, forwarding === 'tunnel', span);
    const { weight, upper, lower } = numbers;
    if (!place || ways.length > 1 || tunnel === null) return undefined;
    if (weight === undefined || upper === undefined || lower === undefined) return undefined;
    return { ...place, forwarding, ...(tunnel ? { tunnel } : {}), weight, upper, lower };
  }

  /** Null where it is wrong. */
  private persistence(options: Options, family: Family, engine: string | undefined): TablePersistence | null {
    const seconds = this.number(options.get('-p'), USUAL_PERSISTENCE);
    const mask = options.get('-M')?.value;
    const netmask = mask ? netmaskOf(mask.text, family) : addressBits(family);
    if (netmask === undefined) this.complain('bad-value', mask!, `${quote(mask!.text)} is no network mask`);
    if (seconds === undefined || netmask === undefined) return null;
    return { timeout: seconds * 1000, netmask, ...(engine === undefined ? {} : { engine }) };
  }

  /** Null where it is wrong. */
  private tunnel(options: Options, tunnelled: boolean, span: Span): TableTunnel | undefined | null {
    const type = options.get('--tun-type')?.value;
    const portWord = options.get('--tun-port');
    const sums = (['--tun-csum', '--tun-nocsum', '--tun-remcsum'] as const).filter(name => options.has(name));
    if (!tunnelled) {
      if (!type && !portWord && sums.length === 0) return undefined;
      this.complain('tunnel-options', span, 'options of a tunnel without -i');
      return null;
    }
    const kind = type?.text ?? 'ipip';
    const known = kind === 'ipip' || kind === 'gre' || kind === 'gue';
    const port = this.number(portWord, 0);
    const fits = (kind === 'gue') === (portWord !== undefined) && sums.length <= (kind === 'ipip' ? 0 : 1);
    if (!known) this.complain('bad-value', type!, `${quote(kind)} is no tunnel: ipip, gre or gue`);
    else if (!fits) this.complain('tunnel-options', span, `these are not the options of a tunnel by ${kind}`);
    if (!known || !fits || port === undefined) return null;
    const checksum = sums[0] === '--tun-remcsum' ? 'remote' : sums[0] === '--tun-csum';
    return { type: kind, ...(kind === 'gue' ? { port } : {}), checksum };
  }

  private number(given: Given | undefined, usual: number): number | undefined {
    if (!given?.value) return usual;
    const { text } = given.value;
    // A weight of keepalived may be negative or beyond what ipvsadm takes; it is what the kernel has all the same.
    if (/^-?\d{1,10}$/.test(text)) return Number(text);
    this.complain('bad-value', given.value, `${quote(text)} is no number`);
    return undefined;
  }

  /** `ADDRESS`, `ADDRESS:PORT`, `[v6]:PORT`; a port may have the name that /etc/services gives it. */
  private endpoint(
    word: Word,
    protocol: Protocol,
    usual: number,
  ): { address: string; port: number } | undefined {
    const [, six, four, portText] = /^(?:\[([^\]]+)\]|([^:]+))(?::(.+))?$/.exec(word.text) ?? [];
    const bare = tableAddress(word.text);
    const address = bare ?? tableAddress(six ?? four ?? '');
    if (address === undefined) {
      const message = `${quote(word.text)} has no address: names of hosts are not looked up`;
      this.complain('bad-address', word, message, 'save the table with ipvsadm -Sn');
      return undefined;
    }
    if (bare !== undefined || portText === undefined) return { address, port: usual };
    const number = /^\d{1,5}$/.test(portText) ? Number(portText) : this.ports(portText, protocol);
    if (number !== undefined && number <= 65_535) return { address, port: number };
    if (/^\d+$/.test(portText)) this.complain('bad-port', word, `${portText} is no port: they end at 65535`);
    else {
      const message = `/etc/services has no ${protocol} port called ${quote(portText)}`;
      this.complain('unknown-port-name', word, message, 'save the table with ipvsadm -Sn');
    }
    return undefined;
  }
}

/** ipvsadm prints a bare -b for the third flag of sh and mh, which has no name with them. */
function flagsOf(given: Given | undefined): string[] {
  if (!given) return [];
  return given.value ? given.value.text.split(',').toSorted() : ['flag-3'];
}

/** A prefix length, or the dotted mask where it is none. IPv6 has prefix lengths alone. */
function netmaskOf(text: string, family: Family): number | string | undefined {
  if (family === 'ipv6') return /^\d{1,3}$/.test(text) && Number(text) <= 128 ? Number(text) : undefined;
  if (!text.includes('.') || tableAddress(text) === undefined) return undefined;
  const bits = text
    .split('.')
    .map(part => Number(part).toString(2).padStart(8, '0'))
    .join('');
  const ones = bits.indexOf('0');
  if (ones === -1) return 32;
  return bits.includes('1', ones) ? text : ones;
}
