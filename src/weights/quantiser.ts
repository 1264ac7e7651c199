import { CONSTANTS } from './constants.js';

/** What the kernel does with a scheduler's weights, which decides what integers serve it best. */
export type Kind = 'turns' | 'connections' | 'table';

/**
 * Integers for weights that are wanted as shares. A weight above 0 stays so.
 *
 * `turns`: the smallest that give nobody more than its share by 2 %, since the kernel's wrr sends the heaviest server as
 * many connections in a row as it is ahead (ip_vs_wrr.c). `connections`: up to 255, as fine as it gets. `table`: mh
 * reduces weights to six bits (ip_vs_mh.c).
 *
 * @param wanted 0 or more, on any scale
 */
export function integers(wanted: readonly number[], kind: Kind): number[] {
  const largest = Math.max(0, ...wanted);
  if (largest === 0) return wanted.map(() => 0);
  const scaled = (top: number): number[] =>
    wanted.map(one => (one > 0 ? Math.max(1, Math.round((one / largest) * top)) : 0));
  if (kind === 'connections') return scaled(CONSTANTS.integers.connections);
  if (kind === 'table') return scaled(CONSTANTS.integers.table);
  return turns(wanted, scaled);
}

/** The first that will do, else the best: so they have no divisor in common, with which smaller ones would say the same. */
function turns(wanted: readonly number[], scaled: (top: number) => number[]): number[] {
  const { most, above } = CONSTANTS.integers;
  let best: { readonly weights: number[]; readonly over: number } | undefined;
  for (let top = 1; top <= most; top++) {
    const weights = scaled(top);
    const over = excess(weights, wanted);
    if (over <= above) return weights;
    if (!best || over < best.over) best = { weights, over };
  }
  return best!.weights;
}

/** By how much of its share the one gets too much that gets most too much. */
function excess(weights: readonly number[], wanted: readonly number[]): number {
  return Math.max(...ratios(weights, wanted)) - 1;
}

/** What each gets of what it should have; 1 where both are the same. */
export function ratios(weights: readonly number[], wanted: readonly number[]): number[] {
  const sum = weights.reduce((all, one) => all + one, 0);
  const sumWanted = wanted.reduce((all, one) => all + one, 0);
  return weights.map((one, index) => {
    const target = wanted[index]! / sumWanted;
    return target > 0 ? one / sum / target : one > 0 ? Infinity : 1;
  });
}
