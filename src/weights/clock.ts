import type { Counters } from './answer.js';
import { CONSTANTS } from './constants.js';

/** A moment by the clocks of a host and of this director, from which on they are compared. */
export interface ClockPair {
  readonly boot: string;
  /** The host's, microseconds since its boot. */
  readonly time: number;
  /** This director's, milliseconds. */
  readonly at: number;
  /** The host's did not go as this one does; it is believed again once it has for a while. */
  readonly isWrong?: true;
}

/** After another answer. An agent that repeats an old answer for some seconds is none whose clock is wrong. */
export function compared(old: ClockPair | undefined, { boot, time }: Counters, now: number): ClockPair {
  const pair = { boot, time, at: now };
  if (!old || old.boot !== boot || now < old.at) return pair;
  const { times, slack, span, suspects } = CONSTANTS.clock;
  const [passed, elapsed] = [(time - old.time) / 1000, now - old.at];
  const most = old.isWrong ? suspects.slack : slack;
  const isRight = passed <= elapsed * times + most && passed >= elapsed / times - most;
  if (!isRight) return { ...pair, isWrong: true };
  return elapsed < (old.isWrong ? suspects.span : span) ? old : pair;
}
