import { elapsed, type Moment } from './moment.js';
import type { Rise } from './operator.js';

/** In so many steps at most a weight comes back, and none is shorter than a second: each is a change of the table. */
const STEPS = 9;
const SHORTEST = 1000;

/**
 * The share of its weight that a server has which is coming back: tenths in equal steps, 1 once `over` has passed.
 * Fewer steps where they would be too short.
 */
export function share({ since, over }: Rise, now: Moment): number {
  const steps = stepsOf(over);
  const passed = over > 0 ? Math.min(steps, Math.floor((elapsed(since, now) * steps) / over)) : steps;
  return (passed + 1) / (steps + 1);
}

/** Milliseconds after its beginning at which the next step comes; undefined once all have come. */
export function nextStep(rise: Rise, now: Moment): number | undefined {
  const steps = stepsOf(rise.over);
  const passed = Math.floor((elapsed(rise.since, now) * steps) / rise.over);
  return passed >= steps ? undefined : Math.ceil(((passed + 1) * rise.over) / steps);
}

function stepsOf(over: number): number {
  return Math.min(STEPS, Math.max(1, Math.floor(over / SHORTEST)));
}
