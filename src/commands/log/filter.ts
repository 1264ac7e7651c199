import { bracketed, canonicalAddress } from '../../cluster/address.js';
import type { Cluster } from '../../cluster/cluster.js';
import { canonicalVirtual, findService } from '../../cluster/find.js';
import { addressesOf } from '../../cluster/machines.js';
import { serviceKey } from '../../cluster/naming.js';
import { quote } from '../../diagnostic/quote.js';
import { currentNumber, generationNumbers, readGeneration } from '../../state/generations.js';
import { StateFailure } from '../../state/failure.js';
import type { Wanted } from '../../state/journal-entries.js';
import { isSnapshot } from '../../state/journal-reader.js';
import type { Files } from '../../system/ports.js';
import type { Context, Options } from '../context.js';
import { EXIT, Failure } from '../exit.js';
import { pastTime } from './past-time.js';

/** The time of an entry, by its line. */
export function timeIn(line: string): string {
  return line.slice(9, 33);
}

/**
 * What the options ask for, asked of the lines as they are written: the entries' keys have one order, and no value can
 * have an unescaped quote in it.
 *
 * @throws Failure (64) where a time, a service or a server cannot be meant
 */
export async function wantedOf({ ports }: Context, options: Options): Promise<Wanted> {
  const { files, clock } = ports;
  const tests: Wanted[] = [];
  const given = (name: string): string | undefined => options[name] as string | undefined;
  const time = (name: string): string | undefined => {
    const text = given(name);
    return text === undefined ? undefined : new Date(pastTime(text, clock.now())).toISOString();
  };
  const [since, until] = [time('since'), time('until')];
  if (since !== undefined) tests.push(line => timeIn(line) >= since);
  if (until !== undefined) tests.push(line => timeIn(line) <= until);
  const events = options['event'] as readonly string[] | undefined;
  if (events) tests.push(anyOf(events.map(event => `"event":"${event}"`)));
  if (!events?.includes('snapshot')) tests.push(line => !isSnapshot(line));
  const service = given('service');
  if (service !== undefined) tests.push(anyOf([`"service":"${await keyOf(files, service)}"`]));
  const server = given('server');
  if (server !== undefined)
    tests.push(anyOf((await beginningsOf(files, server)).map(one => `"server":"${one}`)));
  return line => tests.every(test => test(line));
}

function anyOf(parts: readonly string[]): Wanted {
  return line => parts.some(part => line.includes(part));
}

/** The cluster that runs, then those before it, the newest first: what the journal tells of may be gone. */
async function* clusters(files: Files): AsyncGenerator<Cluster> {
  const current = await currentNumber(files);
  const others = (await generationNumbers(files)).filter(number => number !== current).toReversed();
  for (const number of current === undefined ? others : [current, ...others]) {
    try {
      yield (await readGeneration(files, number)).cluster;
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
    }
  }
}

const SERVICE_KEY = /^(?:\[[0-9a-f:]+\]|[0-9.]+):\d{1,5}\/(?:tcp|udp|sctp)$|^fwmark:\d{1,10}\/ipv[46]$/;

/** The kernel's identity of a service: what runs knows its name, or what ran. @throws Failure (64) where none does */
export async function keyOf(files: Files, text: string): Promise<string> {
  let help: string | undefined;
  for await (const cluster of clusters(files)) {
    const meant = findService(cluster, text);
    if (meant.found) return serviceKey(meant.found.virtual);
    help ??= meant.help;
  }
  const key = canonicalVirtual(text);
  if (SERVICE_KEY.test(key)) return key;
  throw new Failure(EXIT.usage, `no service is, or was, ${quote(text)}`, help);
}

/** How the kernel's identity of a server begins that has this address or name. */
async function beginningsOf(files: Files, text: string): Promise<string[]> {
  const [, six, other, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const name = six ?? other ?? text;
  const address = canonicalAddress(name);
  const end = port === undefined ? ':' : `:${port}"`;
  if (address !== undefined) return [`${bracketed(address)}${end}`];
  for await (const cluster of clusters(files)) {
    const named = cluster.services.flatMap(({ servers }) => servers).filter(({ host }) => host === name);
    const addresses = new Set([...addressesOf(cluster, name), ...named.map(one => one.address)]);
    if (addresses.size > 0) return [...addresses].map(one => `${bracketed(one)}${end}`);
  }
  throw new Failure(EXIT.usage, `no server is, or was, ${quote(text)}`, 'name it by its address');
}
