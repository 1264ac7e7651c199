import type { Place } from '../table/overlay.js';
import type { Generation } from './generation.js';
import type { Dead, Health, Recheck } from './health.js';
import { before, type Due, elapsed, isDue, type Moment, remaining } from './moment.js';
import { nextRevision, type Operator, type OperatorEntry, type Rise, type Stamp } from './operator.js';
import { dueOf, type Notices, waiting } from './notices.js';
import { nextStep } from './slow-start.js';

/** All that comes due by itself. */
export interface Timed {
  /** What runs. */
  readonly current: Pick<Generation, 'number' | 'trial'> | undefined;
  readonly operator: Operator;
  readonly health: Health;
  /** What an apply has let go, and what still has connections. */
  readonly lingering?: { readonly due: Due } | undefined;
  /** Of servers that died or returned. */
  readonly notices?: Notices;
}

/** What comes due: an unconfirmed generation goes, a drain begins or ends, a weight of the operator's ends or rises, what was let go goes, what was held back is told, a dead server that mon asks again returns. */
export type Deadline =
  | { readonly what: 'revert'; readonly generation: number; readonly due: Due }
  | { readonly what: 'leaves'; readonly due: Due }
  | { readonly what: 'tells'; readonly due: Due }
  | { readonly what: 'recheck-ends'; readonly at: Place; readonly due: Due }
  | {
      readonly what: 'drain-begins' | 'drain-ends' | 'weight-ends' | 'slow-start';
      readonly at: Place;
      readonly due: Due;
    };

/** Everything that is to come or has come due, without order. */
export function deadlines(
  { current, operator, health, lingering, notices = [] }: Timed,
  now: Moment,
): Deadline[] {
  const trial: Deadline[] =
    current?.trial.state === 'waiting'
      ? [{ what: 'revert', generation: current.number, due: current.trial.due }]
      : [];
  return [
    ...trial,
    ...(lingering ? [{ what: 'leaves' as const, due: lingering.due }] : []),
    ...waiting(notices).map(one => ({ what: 'tells' as const, due: dueOf(one) })),
    ...operator.entries.flatMap(entry => entryDeadlines(entry, now)),
    ...health.rising.flatMap(rise => riseDeadline(rise, rise, now)),
    ...health.dead.flatMap(recheckDeadline),
  ];
}

function entryDeadlines(entry: OperatorEntry, now: Moment): Deadline[] {
  const { planned, drain, weight, slowStart } = entry;
  const at = { service: entry.service, server: entry.server };
  const found: Deadline[] = [];
  if (planned) found.push({ what: 'drain-begins', at, due: planned.due });
  if (drain?.expires) found.push({ what: 'drain-ends', at, due: drain.expires });
  if (weight?.expires) found.push({ what: 'weight-ends', at, due: weight.expires });
  if (slowStart) found.push(...riseDeadline(slowStart, entry, now));
  return found;
}

function riseDeadline(rise: Rise, { service, server }: Place, now: Moment): Deadline[] {
  const ms = nextStep(rise, now) ?? rise.over;
  return [{ what: 'slow-start', at: { service, server }, due: { since: rise.since, ms } }];
}

function recheckDeadline({ service, server, recheck }: Dead): Deadline[] {
  if (!recheck) return [];
  return [{ what: 'recheck-ends', at: { service, server }, due: recheckDue(recheck) }];
}

/** When a server that is asked again lives. */
export function recheckDue({ since, over }: Recheck): Due {
  return { since, ms: over };
}

/**
 * Milliseconds until the first of them, 0 where one is due; undefined where there is none.
 *
 * A time of the wall's clock may come sooner than reckoned here, where that clock is stepped forward. So whoever waits
 * for one looks again after `longest` milliseconds.
 */
export function next(all: readonly Deadline[], now: Moment, longest = 300_000): number | undefined {
  if (all.length === 0) return undefined;
  return all.reduce((least, { due }) => {
    const wait = Math.max(0, remaining(due, now));
    return Math.min(least, 'ms' in due ? wait : Math.min(wait, longest));
  }, Infinity);
}

/** What has come due, and the state once it is settled. */
export interface Settled {
  readonly due: readonly Deadline[];
  /** The generation to go back to (null: to what was before lvsctl); undefined: none is due. */
  readonly back: number | null | undefined;
  readonly operator: Operator;
  readonly health: Health;
}

/**
 * Settles what is due. A drain that should have begun and ended since is over at once. Once begun, nothing is taken
 * back because the wall's clock is set back: what has begun holds the moment of its beginning, not the plan.
 */
export function settle(timed: Timed, stamp: Stamp): Settled {
  const { now } = stamp;
  const begun = mapEntries(timed.operator, stamp, entry => begin(entry, now));
  const operator = mapEntries(begun, stamp, entry => end(entry, now));
  const rising = timed.health.rising.filter(rise => elapsed(rise.since, now) < rise.over);
  const health = rising.length === timed.health.rising.length ? timed.health : { ...timed.health, rising };
  const after = [...deadlines(timed, now), ...deadlines({ ...timed, operator: begun }, now)];
  const due = unique(after.filter(one => isDue(one.due, now)));
  const trial = timed.current?.trial;
  const back = trial?.state === 'waiting' && isDue(trial.due, now) ? trial.back : undefined;
  return { due, back, operator, health };
}

function begin(entry: OperatorEntry, now: Moment): OperatorEntry {
  const { planned, ...rest } = entry;
  if (!planned || !isDue(planned.due, now)) return entry;
  const { due, lasts, ...wish } = planned;
  const since = before(now, -remaining(due, now));
  return {
    ...rest,
    drain: { ...wish, since, ...(lasts === undefined ? {} : { expires: { since, ms: lasts } }) },
  };
}

function end(entry: OperatorEntry, now: Moment): OperatorEntry {
  const { drain, weight, slowStart, ...rest } = entry;
  const holds = (expires: Due | undefined): boolean => !expires || !isDue(expires, now);
  const keep = {
    ...(drain && holds(drain.expires) ? { drain } : {}),
    ...(weight && holds(weight.expires) ? { weight } : {}),
    ...(slowStart && elapsed(slowStart.since, now) < slowStart.over ? { slowStart } : {}),
  };
  const same = keep.drain === drain && keep.weight === weight && keep.slowStart === slowStart;
  return same ? entry : { ...rest, ...keep };
}

/** The entries that `edit` changes get a revision and a host. */
function mapEntries(
  operator: Operator,
  { host }: Stamp,
  edit: (entry: OperatorEntry) => OperatorEntry,
): Operator {
  const revision = nextRevision(operator);
  const entries = operator.entries.map(entry => {
    const edited = edit(entry);
    return edited === entry ? entry : { ...edited, revision, host };
  });
  return entries.every((entry, index) => entry === operator.entries[index]) ? operator : { entries };
}

function unique(all: readonly Deadline[]): Deadline[] {
  return [...new Map(all.map(one => [JSON.stringify(one), one])).values()];
}
