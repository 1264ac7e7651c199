import { canonicalAddress, familyOf } from '../../cluster/address.js';
import type { Match, Protocol } from '../../cluster/service.js';
import { serviceKey } from '../../cluster/naming.js';
import type { Code } from '../../diagnostic/codes.js';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import type { Source, Span } from '../../diagnostic/source.js';
import { parseRules, type RulesReading } from '../../table/parse/rules.js';
import type { TableKey, TablePersistence, TableServer, TableService } from '../../table/table.js';
import type { PortNames } from '../build/context.js';
import { type Located, valueAt } from '../located.js';

/** What gets each mark, by `serviceKey`: a table does not say it. */
export type Marks = ReadonlyMap<string, readonly Match[]>;

type Raw = Record<string, unknown>;

/** Rules of ipvsadm → the same plain data as the YAML form, each part at the place of its line. */
export function readRules(
  source: Source,
  ports: PortNames,
  marks: Marks,
): { located?: Located; diagnostics: readonly Diagnostic[] } {
  const reading = parseRules(source, (name, protocol) => ports.lookUp(name, protocol));
  if (reading.diagnostics.length > 0) return { diagnostics: reading.diagnostics };
  const { services, timeouts } = reading;
  const parts = services.map(service => sayable(service, marks, reading, source));
  const said = parts.flatMap(({ part }) => part ?? []);
  const raw = {
    version: 1,
    ...(timeouts
      ? {
          ipvs: {
            timeouts: {
              tcp: seconds(timeouts.tcp),
              tcp_fin: seconds(timeouts.tcpFin),
              udp: seconds(timeouts.udp),
            },
          },
        }
      : {}),
    services: said.map(({ service }) => rawService(service, marks)),
  };
  const diagnostics = parts.flatMap(({ problems }) => problems);
  return { located: locate(source, raw, said, reading), diagnostics };
}

/** A service that can be said, without those of its servers that cannot. */
interface Part {
  readonly service: TableService;
  readonly span: Span;
}

function locate(source: Source, raw: Raw, said: readonly Part[], { places }: RulesReading): Located {
  return {
    source,
    form: 'yaml',
    raw,
    span([first, index, list, number]) {
      const part = first === 'services' ? said[Number(index)] : undefined;
      const server = list === 'servers' ? part?.service.servers[Number(number)] : undefined;
      return (server && places.get(server)) ?? part?.span ?? { start: 0, end: 0 };
    },
    declared: path => valueAt(raw, path) !== undefined,
    label: path => String(path.findLast(step => typeof step === 'string')),
  };
}

/** What a description can say of a service, and what it cannot; what has been told is not judged once more. */
function sayable(
  service: TableService,
  marks: Marks,
  { places }: RulesReading,
  source: Source,
): { readonly part?: Part; readonly problems: readonly Diagnostic[] } {
  const span = places.get(service)!;
  const own = serviceProblems(service, marks).map(({ code, ...rest }) =>
    diagnostic(code, { ...rest, span, source }),
  );
  const beyond = service.servers.filter(({ tunnel }) => tunnel?.checksum === 'remote');
  const problems = beyond.map(server =>
    diagnostic('beyond-description', {
      message: 'a description has no remote checksum offload',
      span: places.get(server)!,
      source,
    }),
  );
  if (own.length > 0) return { problems: [...own, ...problems] };
  const servers = service.servers.filter(server => !beyond.includes(server));
  return { part: { service: { ...service, servers }, span }, problems };
}

interface Problem {
  readonly code: Code;
  readonly message: string;
  readonly help?: string;
}

function serviceProblems({ key, scheduler, persistence, idleEngine }: TableService, marks: Marks): Problem[] {
  const found: Problem[] = [];
  const beyond = (message: string): void => void found.push({ code: 'beyond-description', message });
  if (key.kind === 'fwmark' && !marks.has(serviceKey(key))) {
    const example = key.family === 'ipv6' ? '[2001:db8::1]:80' : '192.0.2.1:80';
    found.push({
      code: 'mark-without-match',
      message: `the table does not say which addresses and ports get the mark ${key.fwmark}`,
      help: `say it: --match ${key.fwmark}=${example}/tcp, separated by commas where there are more`,
    });
  }
  if (typeof persistence?.netmask === 'string')
    beyond(`a description has masks that are prefixes, which ${persistence.netmask} is not`);
  if (idleEngine !== undefined)
    beyond(`a description has no persistence engine (${idleEngine}) without persistence`);
  if (scheduler === 'none') beyond('a service without a scheduler forwards nothing');
  return found;
}

function rawService(service: TableService, marks: Marks): Raw {
  const { key, scheduler, flags, persistence, onePacket, servers } = service;
  // Servers without a word of their own go the way of the first.
  const forwarding = servers[0]?.forwarding ?? 'direct';
  return {
    ...rawKey(key, marks),
    forwarding,
    scheduler,
    flags,
    ...(persistence ? { persistence: rawPersistence(persistence) } : {}),
    one_packet: onePacket,
    servers: servers.map(server => rawServer(server, key)),
  };
}

function rawKey(key: TableKey, marks: Marks): Raw {
  if (key.kind === 'address') return { address: key.address, port: key.port, protocol: key.protocol };
  const { fwmark, family } = key;
  const match = marks.get(serviceKey(key)) ?? [];
  return { fwmark, family, match: match.map(one => ({ ...one })) };
}

function rawPersistence({ timeout, netmask, engine }: TablePersistence): Raw {
  return { timeout: seconds(timeout / 1000), netmask, ...(engine === undefined ? {} : { engine }) };
}

function rawServer(
  { address, port, forwarding, tunnel, weight, upper, lower }: TableServer,
  key: TableKey,
): Raw {
  const meant = key.kind === 'address' || forwarding === 'nat';
  return {
    address,
    // Under a mark only NAT has a use for a port.
    ...(meant ? { port } : {}),
    forwarding,
    ...(tunnel ? { tunnel: { ...tunnel } } : {}),
    weight,
    upper,
    lower,
  };
}

function seconds(number: number): string {
  return `${number}s`;
}

const MARK = /^(\d{1,10})=(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\w[\w.+-]*)(?:\/(tcp|udp|sctp))?$/;

/** `7=192.0.2.1:80/tcp`, `8=[2001:db8::1]:http` → a service's key and what gets its mark; undefined for all else. */
export function readMark(text: string, ports: PortNames): { service: string; match: Match } | undefined {
  const [, mark, six, four, portText = '', protocolText = 'tcp'] = MARK.exec(text) ?? [];
  const protocol = protocolText as Protocol;
  const fwmark = Number(mark);
  const address = canonicalAddress(six ?? four ?? '');
  const port = /^\d+$/.test(portText) ? Number(portText) : ports.lookUp(portText, protocol);
  if (address === undefined || port === undefined || port > 65_535) return undefined;
  if (fwmark < 1 || fwmark > 4_294_967_295) return undefined;
  const service = serviceKey({ kind: 'fwmark', fwmark, family: familyOf(address) });
  return { service, match: { address, port, protocol } };
}
