import type { Role } from '../../bench/chart.js';
import type { Ended } from './load.js';

/** What one policy came to in one round. Times are milliseconds, shares are of 1, servers in the order of `SPEEDS`. */
export interface Figures {
  readonly name: string;
  readonly role: Role;
  readonly requests: number;
  /** No answer until the client gave up, or none at all; in the percentiles they took as long as a client waits. */
  readonly lost: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  /** Of the answered requests. */
  readonly shares: readonly number[];
  /** Of the time that each server worked. */
  readonly busy: readonly number[];
  /** In the kernel at the end. */
  readonly weights: readonly number[];
  /** How late requests were sent, 99 of 100, and answers in the mean: what the machine itself adds. */
  readonly sentLate: number;
  readonly answeredLate: number;
}

/** One figure for each slice of time. */
export interface Course {
  readonly name: string;
  readonly role: Role;
  /** Seconds from the change to the slice's begin; mean of the requests that were due in it, in milliseconds. */
  readonly points: readonly (readonly [number, number])[];
}

/** What build/lab/results/weights-proof-SET-ROUND.json holds. */
export interface Round {
  readonly seed: number;
  /** Of what all servers can do at first; requests a second; seconds that were measured. */
  readonly load: number;
  readonly rate: number;
  readonly seconds: number;
  readonly policies: readonly Figures[];
  /** Where a server was slowed. */
  readonly courses: readonly Course[];
  /** Of 1: how much of its processors' time the machine had nothing to do. */
  readonly idle: number;
}

type Times = Pick<Figures, 'requests' | 'lost' | 'mean' | 'p50' | 'p99' | 'sentLate'>;

/** Of the requests that were due from one second to another. @param patience seconds that a client waits */
export function timesOf(all: readonly Ended[], from: number, to: number, patience: number): Times {
  const chosen = all.filter(({ due }) => due >= from && due < to);
  const took = chosen
    .map(one => (one.by === undefined ? patience : one.took) * 1000)
    .toSorted((a, b) => a - b);
  return {
    requests: chosen.length,
    lost: chosen.filter(one => one.by === undefined).length,
    mean: took.reduce((sum, one) => sum + one, 0) / took.length,
    p50: quantile(took, 0.5),
    p99: quantile(took, 0.99),
    sentLate: quantile(
      chosen.map(one => one.late * 1000).toSorted((a, b) => a - b),
      0.99,
    ),
  };
}

export function sharesOf(
  all: readonly Ended[],
  from: number,
  to: number,
  servers: readonly string[],
): number[] {
  const answered = all.filter(({ due, by }) => by !== undefined && due >= from && due < to);
  return servers.map(name => answered.filter(({ by }) => by === name).length / answered.length);
}

/** @param change seconds, in the time of the requests */
export function courseOf(
  all: readonly Ended[],
  change: number,
  { from, to, slice, patience }: { from: number; to: number; slice: number; patience: number },
): (readonly [number, number])[] {
  const count = Math.floor((to - from) / slice);
  return Array.from({ length: count }, (_, index) => {
    const begin = from + index * slice;
    return [begin - change, timesOf(all, begin, begin + slice, patience).mean] as const;
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? NaN;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
