import { type Overlay, place, type Place, type Remark, type Saying } from '../table/overlay.js';
import { settle } from './deadlines.js';
import type { Health } from './health.js';
import { type Moment, shown, shownSince } from './moment.js';
import type { Operator, OperatorEntry, Rise, Said } from './operator.js';
import type { Measured } from './polling.js';
import { share } from './slow-start.js';

/**
 * What is known of the servers at a moment, for `desired`. What has come due counts as settled, whether or not it has
 * been.
 */
export function overlayAt(
  state: {
    readonly operator: Operator;
    readonly health: Health;
    readonly measured: Measured | undefined;
    /** What keepalived holds down, by `place`. */
    readonly held?: ReadonlySet<string> | undefined;
  },
  now: Moment,
): Overlay {
  const timed = { current: undefined, operator: state.operator, health: state.health };
  const { operator, health } = settle(timed, { host: '', now });
  const overlay = new Map<string, Remark>();
  const add = (at: Place, remark: Remark): void => {
    overlay.set(place(at), { ...overlay.get(place(at)), ...remark });
  };
  for (const at of state.held ?? []) overlay.set(at, { held: true });
  for (const one of state.measured?.weights ?? []) add(one, { measured: one.weight });
  for (const one of health.dead) add(one, { dead: { since: shownSince(one.since, now), by: one.by } });
  for (const one of health.rising) add(one, rising(one, now));
  for (const entry of operator.entries) {
    const other = overlay.get(place(entry))?.slowStart;
    const remark = operatorRemark(entry, now);
    // Of two slow starts the one that has less counts.
    const slow = other && other.share < (remark.slowStart?.share ?? 1) ? { slowStart: other } : {};
    add(entry, { ...remark, ...slow });
  }
  return overlay;
}

function operatorRemark({ drain, weight, slowStart }: OperatorEntry, now: Moment): Remark {
  return {
    ...(drain ? { drained: saying(drain, now) } : {}),
    ...(weight ? { weight: { ...saying(weight, now), value: weight.value } } : {}),
    ...(slowStart ? rising(slowStart, now) : {}),
  };
}

function rising(rise: Rise, now: Moment): Remark {
  const until = shown({ since: rise.since, ms: rise.over }, now);
  return { slowStart: { share: share(rise, now), until } };
}

function saying({ author, reason, since, expires }: Said, now: Moment): Saying {
  return {
    author,
    since: shownSince(since, now),
    ...(reason === undefined ? {} : { reason }),
    ...(expires ? { expires: shown(expires, now) } : {}),
  };
}
