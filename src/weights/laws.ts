import type { Law } from '../cluster/service.js';
import { CONSTANTS } from './constants.js';

/** What a law knows of one server of a service. */
export interface Signal {
  readonly configured: number;
  /** The factor that it had after the last poll. */
  readonly before: number;
  /** Completions a millisecond of its host when wholly busy. */
  readonly capacity?: number | undefined;
  /** Whether its agent gives counters, by which its capacity comes to be known. */
  readonly counts?: boolean | undefined;
  /** Running and waiting, of the last minute. */
  readonly load?: number | undefined;
  readonly cpus: number;
  /** What its agent asks for, of 1. */
  readonly share?: number | undefined;
  /** Milliseconds to a connection or an answer. */
  readonly latency?: number | undefined;
}

/** By what a factor was found; `none`: nothing is known that the law reads. */
export type Basis = 'static' | 'capacity' | 'uptime' | 'share' | 'latency' | 'none';

export interface Factor {
  /** Of the configured weight; undefined where nothing is known. */
  readonly factor?: number;
  readonly basis: Basis;
}

/**
 * A factor of its configured weight for each server, on one scale: that of servers whose signals are alike is 1.
 *
 * @param signals those of one service; a server of configured weight 0 has no part in it
 */
export function factors(law: Law, signals: readonly Signal[]): Factor[] {
  switch (law) {
    case 'static':
      return signals.map(() => ({ factor: 1, basis: 'static' }));
    case 'uptime':
      return relative(signals, idleShare, 'uptime');
    case 'capacity':
      return relative(signals, ({ capacity }) => capacity, 'capacity');
    case 'auto':
      return auto(signals);
    case 'latency':
      return byLatency(signals);
    case 'lowest-latency':
      return byLowestLatency(signals);
  }
}

/**
 * Where n processes share the processors of a host evenly, 1 ÷ (1 + n) is the part of them that is idle, and unlike
 * 1 − n it is never 0.
 */
function idleShare({ load, cpus }: Signal): number | undefined {
  return load === undefined ? undefined : 1 / (1 + load / cpus);
}

/**
 * Each gets of what all together have as much as its capacity is of theirs, or its weight times how idle it is. Together
 * they keep what they had beside those of whom nothing is known.
 */
function relative(
  signals: readonly Signal[],
  signal: (one: Signal) => number | undefined,
  basis: 'capacity' | 'uptime',
): Factor[] {
  const counting = signals.filter(one => one.configured > 0);
  const known = new Set(counting.filter(one => signal(one) !== undefined));
  const weighed = (one: Signal): number => signal(one)! * (basis === 'capacity' ? 1 : one.configured);
  const isWhole = known.size === counting.length;
  let [had, all] = [0, 0];
  for (const one of known) {
    had += one.configured * (isWhole ? 1 : one.before);
    all += weighed(one);
  }
  return signals.map(one =>
    known.has(one) && all > 0
      ? { factor: (weighed(one) * had) / (all * one.configured), basis }
      : { basis: 'none' },
  );
}

/**
 * Capacity where agents give counters, even before it is known: else a boot would move a weight to and fro. How idle it is
 * where they do not, and what an agent asks for where it says that alone.
 */
function auto(signals: readonly Signal[]): Factor[] {
  const [capacity, uptime] = [factors('capacity', signals), factors('uptime', signals)];
  return signals.map((one, index) => {
    if (capacity[index]!.factor !== undefined) return capacity[index]!;
    if (one.share !== undefined) return { factor: one.share, basis: 'share' };
    return one.counts ? { basis: 'none' } : uptime[index]!;
  });
}

function byLatency(signals: readonly Signal[]): Factor[] {
  const usual = median(signals.flatMap(({ latency }) => latency ?? []));
  const least = CONSTANTS.latencyPenalty;
  return signals.map(({ latency }) =>
    latency === undefined || usual === undefined
      ? { basis: 'none' }
      : { factor: latency > usual ? Math.max(least, usual / latency) : 1, basis: 'latency' },
  );
}

/** The fastest gets the clients: the others as little as the floor leaves them. */
function byLowestLatency(signals: readonly Signal[]): Factor[] {
  const lowest = Math.min(...signals.map(({ latency }) => latency ?? Infinity));
  return signals.map(({ latency }) =>
    latency === undefined ? { basis: 'none' } : { factor: latency === lowest ? 1 : 0, basis: 'latency' },
  );
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return undefined;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
