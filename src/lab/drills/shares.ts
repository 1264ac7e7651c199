import type { Server, Service } from '../../cluster/service.js';

/** Requests that a drill sends to one entrance at most. */
const MOST = 120;
/** What a scheduler that promises no shares is asked. */
const USUAL = 12;

interface Live extends Pick<Server, 'address' | 'weight'> {
  /** How many servers it is in the table. */
  readonly entries: number;
}

/** What can be said beforehand of where a client's requests go, one after the other. */
export interface Expectation {
  readonly count: number;
  /** In which words the report tells it. */
  readonly words: string;
  /** What is wrong with these answers (address of the server → how many); empty where all is well. */
  problems(counts: ReadonlyMap<string, number>): string[];
}

/** What the scheduler of a service promises of requests that one client sends one after the other, each anew. */
export function expectationOf(service: Service): Expectation {
  const live = liveByAddress(service.servers);
  const { scheduler } = service;
  if (service.persistence) return anyOf(USUAL / 2, 'persistence goes before the weights');
  if (scheduler === 'rr')
    return exact(
      live,
      live.map(one => one.entries),
      'in turn',
    );
  if (scheduler === 'wrr')
    return exact(
      live,
      live.map(one => one.weight),
      'by weight',
    );
  if (scheduler === 'wlc' || scheduler === 'lc') return everyone(live, scheduler);
  if (scheduler === 'fo') return onlyHeaviest(live);
  const { flags } = service;
  const byClient =
    (scheduler === 'sh' && !flags.includes('sh-port')) || (scheduler === 'mh' && !flags.includes('mh-port'));
  if (byClient || scheduler === 'dh') return onlyOne(scheduler);
  return anyOf(USUAL, `of ${scheduler} only this can be said beforehand`);
}

/** The same of a table that clients have used just now: whoever goes by connections still counts theirs. */
export function usedExpectationOf(service: Service): Expectation {
  const { scheduler } = service;
  return scheduler === 'wlc' || scheduler === 'lc'
    ? anyOf(USUAL, `${scheduler} goes by connections, of which there were others before`)
    : expectationOf(service);
}

/** A machine answers with its name alone, so its ports count as one server. */
function liveByAddress(servers: readonly Server[]): Live[] {
  const live = new Map<string, Live>();
  for (const { address, weight } of servers) {
    const { weight: sum = 0, entries = 0 } = live.get(address) ?? {};
    if (weight > 0) live.set(address, { address, weight: sum + weight, entries: entries + 1 });
  }
  return [...live.values()];
}

function exact(live: readonly Live[], weights: readonly number[], words: string): Expectation {
  const divisor = weights.reduce(greatestDivisor, 0) || 1;
  const parts = weights.map(one => one / divisor);
  const cycle = parts.reduce((sum, one) => sum + one, 0);
  if (cycle > MOST) {
    return anyOf(
      MOST / 2,
      `weights of ${parts.join(':')} show only after ${cycle} requests, which were not sent`,
    );
  }
  const rounds = Math.max(1, Math.min(Math.floor(MOST / cycle), Math.ceil(USUAL / cycle)));
  return {
    count: cycle * rounds,
    words: `${words}, ${parts.join(':')}`,
    problems: counts =>
      live.flatMap(({ address }, index) => {
        const wanted = parts[index]! * rounds;
        const found = counts.get(address) ?? 0;
        return Math.abs(found - wanted) <= 1
          ? []
          : [`${address} answered ${found} times instead of ${wanted}`];
      }),
  };
}

function everyone(live: readonly Live[], scheduler: string): Expectation {
  const sum = live.reduce((total, one) => total + one.weight, 0);
  const least = Math.min(...live.map(one => one.weight));
  // So many that the server of the least weight is due twice.
  const needed = scheduler === 'lc' ? live.length * 2 : Math.ceil((2 * sum) / least);
  if (needed > MOST)
    return anyOf(MOST / 2, `the least weight is due only after ${Math.ceil(needed / 2)} requests`);
  return {
    count: Math.max(USUAL, needed),
    words: `${scheduler} goes by connections, so each live server has to answer, in no fixed shares`,
    problems: counts =>
      live.filter(one => !counts.has(one.address)).map(({ address }) => `${address} answered nothing`),
  };
}

function onlyHeaviest(live: readonly Live[]): Expectation {
  const most = Math.max(...live.map(one => one.weight));
  const heaviest = live.filter(one => one.weight === most).map(one => one.address);
  return {
    count: USUAL,
    words: 'fo keeps to the server of the highest weight',
    problems: counts =>
      [...counts.keys()]
        .filter(one => !heaviest.includes(one))
        .map(one => `${one} answered, of a lower weight`),
  };
}

function onlyOne(scheduler: string): Expectation {
  return {
    count: USUAL,
    words: `${scheduler} keeps a client with one server`,
    problems: counts => (counts.size <= 1 ? [] : [`${counts.size} servers answered one client`]),
  };
}

function anyOf(count: number, words: string): Expectation {
  return { count, words, problems: () => [] };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
