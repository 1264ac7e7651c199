import { CONSTANTS } from './constants.js';
import { ratios } from './quantiser.js';

/** What kept a weight from being what the law asked for. */
export type Limit = 'held' | 'decaying' | 'frozen' | 'floor' | 'slew' | 'hysteresis' | 'backlog';

export interface Guarded {
  readonly factor: number;
  readonly limits: readonly Limit[];
}

/** One server as the guard sees it. */
export interface Asked {
  /** What it had after the last poll. */
  readonly before: number;
  /** What the law asks for; undefined where it knows nothing. */
  readonly wanted: number | undefined;
  /** Milliseconds since its agent was understood last; 0 where it answered now, undefined where it never did. */
  readonly silent: number | undefined;
  /** Nobody asks it: it has no agent, and no part in how many answer. */
  readonly isUnasked?: boolean;
}

/**
 * What becomes of a law's factor: whoever is silent keeps his for a while and goes back to the configured weight; where
 * most are silent nothing moves; nobody falls below the floor, and nothing jumps.
 *
 * @param period milliseconds of the schedule: a step is as long however much time passed since the last
 */
export function guarded(servers: readonly Asked[], period: number): Guarded[] {
  const asked = servers.filter(({ isUnasked }) => !isUnasked);
  const answering = asked.filter(({ silent }) => silent === 0).length;
  const isFrozen = answering < asked.length * CONSTANTS.quorum;
  return servers.map(one => guard(one, isFrozen, period));
}

function guard({ before, wanted, silent, isUnasked }: Asked, isFrozen: boolean, period: number): Guarded {
  if (isUnasked) return { factor: within(before, 1, period), limits: [] };
  const { held, back } = CONSTANTS.silence;
  if (silent === undefined || (silent > 0 && silent <= held)) return { factor: before, limits: ['held'] };
  if (isFrozen) return { factor: before, limits: ['frozen'] };
  if (silent > 0) {
    // What is left of the way back goes by evenly, whatever the polls' times are.
    const left = Math.max(0, held + back - silent);
    const step = left > 0 ? Math.min(1, period / (left + period)) : 1;
    return { factor: within(before, before + (1 - before) * step, period), limits: ['decaying'] };
  }
  if (wanted === undefined) return { factor: before, limits: [] };
  const limits: Limit[] = [];
  let factor = wanted;
  if (factor < CONSTANTS.floor) {
    factor = CONSTANTS.floor;
    limits.push('floor');
  }
  const near = within(before, factor, period);
  if (near !== factor) limits.push('slew');
  return { factor: near, limits };
}

/** As near to a factor as one step comes. */
function within(before: number, factor: number, period: number): number {
  const { slew } = CONSTANTS;
  const share = period >= slew.long ? slew.shareOfLong : slew.share;
  return Math.min(before * (1 + share), Math.max(before * (1 - share), factor));
}

/** Whether the integers that are in force are so wrong that new ones are written. */
export function isWorthWriting(
  current: readonly number[],
  wanted: readonly number[],
  hysteresis: number,
): boolean {
  return ratios(current, wanted).some(ratio => Math.abs(ratio - 1) > hysteresis);
}
