import type { Counters } from './answer.js';
import { CONSTANTS } from './constants.js';

/** Completions, and the milliseconds in which all of the host was busy with them. */
interface Work {
  readonly completions: number;
  readonly busy: number;
}

/** What is known of one host's capacity: completions for each millisecond in which all of it is busy. */
export interface Estimate {
  /** Of the last poll that was understood. */
  readonly counters: Counters;
  /** What is known, aged. */
  readonly base: Work;
  /** What has come since the last look for a change, aged. */
  readonly window: Work;
  /** Since it began anew, not aged. */
  readonly seen: number;
  readonly polls: number;
  /** How many windows in a row were off, below 0 to the other side. */
  readonly off: number;
  /**
   * How much more a window varies than where works are of an exponential distribution, as a ratio of variances; at
   * least 1, which is what it is taken for as long as it is not known.
   */
  readonly spread?: number;
}

/** Whether what a server gives is judged by its connections (wlc and its like) or each gets its turn (wrr and its like). */
export type Balance = 'connections' | 'turns';

const NOTHING: Work = { completions: 0, busy: 0 };

/** Begins anew, as after a boot or where a counter has gone back. */
function begin(counters: Counters): Estimate {
  return { counters, base: NOTHING, window: NOTHING, seen: 0, polls: 0, off: 0 };
}

/**
 * The estimate after another poll.
 *
 * @param completions that the director has counted since the last one: connections that came, less those more that are
 *   active now; undefined where it cannot know them, and the time since counts for nothing
 */
export function learn(
  old: Estimate | undefined,
  counters: Counters,
  completions: number | undefined,
  balance: Balance,
): Estimate {
  if (!old || !isSameHost(old.counters, counters) || isAbsurd(old.counters, counters)) return begin(counters);
  const { passed, busyTime } = between(old.counters, counters);
  if (passed === 0) return old;
  if (completions === undefined) return { ...old, counters };
  const done = Math.max(0, completions);
  const { byTurns, byConnections } = CONSTANTS.ageing;
  const age = Math.exp(-passed / (balance === 'turns' ? byTurns : byConnections));
  const fresh = { completions: done, busy: Math.min(busyTime / counters.cpus, passed) };
  const next: Estimate = {
    counters,
    base: aged(old.base, age),
    window: sum(aged(old.window, age), fresh),
    seen: old.seen + done,
    polls: old.polls + 1,
    off: old.off,
    ...(old.spread === undefined ? {} : { spread: old.spread }),
  };
  return noticing(next, balance);
}

/** Of one boot, with as many processors. */
function isSameHost(old: Counters, counters: Counters): boolean {
  return counters.boot === old.boot && counters.cpus === old.cpus;
}

/** Milliseconds between two answers. */
function between(old: Counters, counters: Counters): { readonly passed: number; readonly busyTime: number } {
  return { passed: (counters.time - old.time) / 1000, busyTime: (counters.busy - old.busy) / 1000 };
}

/** A counter that goes back in one boot, or more busy time than there was: its agent is mistaken, or lies. */
export function isAbsurd(old: Counters, counters: Counters): boolean {
  if (!isSameHost(old, counters)) return false;
  const { passed, busyTime } = between(old, counters);
  // Where no time has passed nothing is counted yet.
  const isTooBusy = passed > 0 && busyTime > passed * counters.cpus * 1.5 + 1000;
  return passed < 0 || busyTime < 0 || isTooBusy;
}

function aged({ completions, busy }: Work, age: number): Work {
  return { completions: completions * age, busy: busy * age };
}

function sum(one: Work, other: Work): Work {
  return { completions: one.completions + other.completions, busy: one.busy + other.busy };
}

/** Completions a millisecond of a host that is wholly busy; undefined while too little is known. */
export function capacityOf({ base, window, seen, polls }: Estimate): number | undefined {
  const { enough } = CONSTANTS;
  const { completions, busy } = sum(base, window);
  if (seen < enough.completions || polls < enough.polls || busy <= 0 || completions <= 0) return undefined;
  return completions / busy;
}

/** Under turns nothing else corrects what is old: it is dropped once a window shows that the capacity is another one. */
function noticing(one: Estimate, balance: Balance): Estimate {
  const { change } = CONSTANTS;
  const { base, window } = one;
  if (window.completions < change.completions || window.busy <= 0) return one;
  const kept = { ...one, base: sum(base, window), window: NOTHING };
  if (balance === 'connections' || base.busy <= 0 || base.completions < change.completions)
    return { ...kept, off: 0 };
  const deviation = window.completions / window.busy / (base.completions / base.busy) - 1;
  const variance = deviation ** 2 * window.completions;
  const before = one.spread ?? 1;
  const sigmas = Math.sqrt(variance / before);
  // A change of capacity must not pass for works that vary, nor these hide each change: a window counts for little.
  const most = before * change.sigmasAtOnce ** 2;
  const learned = before + (Math.min(variance, most) - before) * change.spreadRate;
  const spread = Math.min(change.mostSpread, Math.max(1, learned));
  if (Math.abs(deviation) <= change.share || sigmas <= change.sigmas) return { ...kept, spread, off: 0 };
  const side = Math.sign(deviation);
  const off = Math.sign(one.off) === side ? one.off + side : side;
  if (Math.abs(off) < change.times && sigmas <= change.sigmasAtOnce) return { ...kept, spread, off };
  return { ...one, base: window, window: NOTHING, spread, off: 0 };
}
