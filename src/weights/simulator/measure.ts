import type { Result } from './run.js';

/** What clients had, of one run or of its part from a time on. Milliseconds. */
export interface Served {
  readonly mean: number;
  readonly p99: number;
  /** Of 1. */
  readonly lost: number;
}

export function served({ times, endings, requests, lost }: Result, from = 0, to = Infinity): Served {
  const chosen = times.filter((_, index) => endings[index]! >= from && endings[index]! < to);
  const sorted = chosen.toSorted();
  return {
    mean: chosen.reduce((sum, one) => sum + one, 0) / chosen.length,
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? NaN,
    lost: lost / requests,
  };
}

const SLICE = 10_000;

/**
 * Milliseconds from a change until clients are served as by whoever knows all: from when on each of three slices of ten
 * seconds is at most a quarter above the same requests of the other, in the mean.
 */
export function recovery(result: Result, best: Result, change: number): number {
  const end = result.endings.at(-1) ?? change;
  const ratio = (from: number): number =>
    served(result, from, from + SLICE).mean / served(best, from, from + SLICE).mean;
  for (let from = change; from + 3 * SLICE <= end; from += SLICE) {
    if ([0, 1, 2].every(n => ratio(from + n * SLICE) <= 1.25)) return from - change;
  }
  return Infinity;
}

/**
 * How much the shares swing once they have settled: the mean of the servers' coefficients of variation.
 *
 * @param skip polls at the beginning that are left out
 */
export function oscillation({ shares }: Result, skip: number): number {
  const settled = shares.slice(skip);
  const servers = settled[0]?.length ?? 0;
  const deviations = Array.from({ length: servers }, (_, server) => {
    const own = settled.map(all => all[server]!);
    const mean = own.reduce((sum, one) => sum + one, 0) / own.length;
    const variance = own.reduce((sum, one) => sum + (one - mean) ** 2, 0) / own.length;
    return Math.sqrt(variance) / mean;
  });
  return deviations.reduce((sum, one) => sum + one, 0) / servers;
}
