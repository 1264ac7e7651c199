import { serviceKey } from '../../cluster/naming.js';
import { serverPlace } from '../identity.js';
import type { Connections, TableKey } from '../table.js';
import { listedService, splitEndpoint, UnknownOutput, wordedLines } from './output.js';

/** A listing with numbers: `ipvsadm -Ln --thresholds`, `--stats`, `--rate` (ipvsadm 1.31, print_service_entry). */
interface Listing {
  /** By `serviceKey`; none where the listing has words there. */
  readonly services: Map<string, readonly number[]>;
  /** By `serverPlace`. */
  readonly servers: Map<string, readonly number[]>;
}

/** What a server's line of `--thresholds` says. */
export interface Limits extends Connections {
  readonly upper: number;
  readonly lower: number;
}

/** Since the service or server was added or set to zero; the rates are an estimate over about two seconds. */
export interface Counters {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

/** By `serviceKey` and, for servers, `serverPlace`. */
export interface CounterTable {
  readonly services: ReadonlyMap<string, Counters>;
  readonly servers: ReadonlyMap<string, Counters>;
}

/** `ipvsadm -Ln --thresholds`: by `serverPlace`. @throws UnknownOutput */
export function parseThresholds(text: string): Map<string, Limits> {
  const { servers } = listing(text, 'ipvsadm -Ln --thresholds', 4, false);
  return new Map(
    [...servers].map(([place, [upper, lower, active, inactive]]) => [
      place,
      { upper: upper!, lower: lower!, active: active!, inactive: inactive! },
    ]),
  );
}

/** `ipvsadm -Ln --stats --exact`, or with `--rate` (per second). @throws UnknownOutput */
export function parseCounters(text: string): CounterTable {
  const { services, servers } = listing(text, 'ipvsadm -Ln', 5, true);
  return { services: counters(services), servers: counters(servers) };
}

function counters(found: ReadonlyMap<string, readonly number[]>): Map<string, Counters> {
  return new Map(
    [...found].map(([place, [connections, inPackets, outPackets, inBytes, outBytes]]) => [
      place,
      {
        connections: connections!,
        inPackets: inPackets!,
        outPackets: outPackets!,
        inBytes: inBytes!,
        outBytes: outBytes!,
      },
    ]),
  );
}

/** @param counted whether a service's line ends in numbers, too, and not in its attributes */
function listing(text: string, what: string, columns: number, counted: boolean): Listing {
  const found: Listing = { services: new Map(), servers: new Map() };
  let key: TableKey | undefined;
  for (const { number, line, words } of wordedLines(text)) {
    if (isTitle(words)) continue;
    const server = words[0] === '->' ? splitEndpoint(words[1] ?? '') : undefined;
    const service = server ? undefined : listedService(words);
    const values = server ? numbers(words.slice(2)) : counted ? numbers(service?.rest ?? []) : [];
    const fits = values?.length === (server || counted ? columns : 0);
    if (!values || !fits || !(server ? key : service)) throw new UnknownOutput(what, number, line);
    if (service) {
      ({ key } = service);
      if (counted) found.services.set(serviceKey(key), values);
    } else if (server) found.servers.set(serverPlace(key!, server), values);
  }
  return found;
}

function isTitle(words: readonly string[]): boolean {
  return (
    (words[0] === 'IP' && words[1] === 'Virtual') ||
    (words[0] === 'Prot' && words[1] === 'LocalAddress:Port') ||
    (words[0] === '->' && words[1] === 'RemoteAddress:Port')
  );
}

function numbers(words: readonly string[]): number[] | undefined {
  return words.every(word => /^\d+$/.test(word)) ? words.map(Number) : undefined;
}
