import test from 'ava';
import fc from 'fast-check';
import { type Deadline, deadlines, next, settle, type Timed } from '../../src/state/deadlines.js';
import { died, returned } from '../../src/state/health.js';
import type { Due, Moment } from '../../src/state/moment.js';
import { drain, type Operator, planDrain, setWeight, undrain } from '../../src/state/operator.js';
import { expect, holds } from '../support/arbitrary.js';
import { after, generation, OTHER, rebooted, WEB } from './support.js';

const HOUR = 3_600_000;
const ADA = { author: 'ada' };
const MIDAS = { host: 'midas', now: after(0) };
const NOTHING: Operator = { entries: [] };
const HEALTHY = { dead: [], rising: [] };

function timed(operator: Operator, changes: Partial<Timed> = {}): Timed {
  return { current: undefined, operator, health: HEALTHY, ...changes };
}

function trial(due: Due): Timed['current'] {
  return generation(5, { trial: { state: 'waiting', due, back: 4 } });
}

function at(now: Moment): { readonly host: string; readonly now: Moment } {
  return { host: 'midas', now };
}

function whats(all: readonly Deadline[]): string[] {
  return all.map(one => one.what).toSorted();
}

const ALL = timed(
  undrain(
    drain(
      planDrain(
        setWeight(
          drain(NOTHING, [WEB], { ...ADA, lasts: HOUR }, MIDAS),
          [WEB],
          3,
          { ...ADA, lasts: 2 * HOUR },
          MIDAS,
        ),
        [WEB],
        { ...ADA, lasts: HOUR },
        { at: after(6 * HOUR).at },
        MIDAS,
      ),
      [OTHER],
      ADA,
      MIDAS,
    ),
    [OTHER],
    90_000,
    MIDAS,
  ),
  { current: trial({ since: after(0), ms: 60_000 }) },
);

test('everything that has a deadline is in the list, and the first of them is next', t => {
  t.deepEqual(whats(deadlines(ALL, after(0))), [
    'drain-begins',
    'drain-ends',
    'revert',
    'slow-start',
    'weight-ends',
  ]);
  t.is(next(deadlines(ALL, after(0)), after(0)), 10_000);
  t.is(next(deadlines(ALL, after(55_000)), after(55_000)), 5000);
  t.is(next(deadlines(ALL, after(70_000)), after(70_000)), 0);
  t.is(next(deadlines(timed(NOTHING), after(0)), after(0)), undefined);
  const rising = returned(died(HEALTHY, WEB, 'mon', after(0)), WEB, 9000, after(0));
  t.is(next(deadlines(timed(NOTHING, { health: rising }), after(0)), after(0)), 1000);
});

test("a time of the wall's clock is looked at again before long, since that clock may be stepped", t => {
  const planned = timed(planDrain(NOTHING, [WEB], ADA, { at: after(6 * HOUR).at }, MIDAS));
  t.is(next(deadlines(planned, after(0)), after(0)), 300_000);
  t.is(next(deadlines(planned, after(0)), after(0), 1000), 1000);
  const almost = after(6 * HOUR - 70);
  t.is(next(deadlines(planned, almost), almost), 70);
  const far = timed(drain(NOTHING, [WEB], { ...ADA, lasts: 6 * HOUR }, MIDAS));
  t.is(next(deadlines(far, after(0)), after(0)), 6 * HOUR);
});

test('what is not due is left as it is', t => {
  const { due, back, operator, health } = settle(ALL, at(after(1000)));
  t.deepEqual(due, []);
  t.is(back, undefined);
  t.is(operator, ALL.operator);
  t.is(health, ALL.health);
});

test('a trial that is due goes back, also to nothing', t => {
  t.is(settle(ALL, at(after(60_000))).back, 4);
  const first = {
    ...trial({ since: after(0), ms: 1 })!,
    trial: { state: 'waiting', due: { at: after(0).at }, back: null } as const,
  };
  t.is(settle(timed(NOTHING, { current: first }), at(after(1))).back, null);
  t.is(settle(timed(NOTHING, { current: generation(3) }), at(after(1e9))).back, undefined);
});

test('a trial is due after a reboot, too, and a clock that was set back does not save it', t => {
  const waiting = timed(NOTHING, { current: trial({ since: after(0), ms: 60_000 }) });
  t.is(settle(waiting, at({ ...after(59_000), at: after(-HOUR).at })).back, undefined);
  t.is(settle(waiting, at({ ...after(60_000), at: after(-HOUR).at })).back, 4);
  t.is(settle(waiting, at({ ...after(10_000), at: after(HOUR).at })).back, undefined);
  t.is(settle(waiting, at(rebooted(61_000, 2000))).back, 4);
  t.is(settle(waiting, at(rebooted(30_000, 2000))).back, undefined);
  t.is(settle(waiting, at(rebooted(-1000 * HOUR, 2000))).back, undefined);
  t.is(settle(waiting, at(rebooted(-1000 * HOUR, 60_000))).back, 4);
});

test('a planned drain begins, and then lasts as long as it was to', t => {
  const planned = timed(
    planDrain(NOTHING, [WEB], { ...ADA, reason: 'disk', lasts: HOUR }, { at: after(HOUR).at }, MIDAS),
  );
  const now = after(HOUR + 5000);
  const begun = settle(planned, at(now));
  t.deepEqual(whats(begun.due), ['drain-begins']);
  t.deepEqual(begun.operator.entries, [
    {
      ...WEB,
      drain: {
        author: 'ada',
        reason: 'disk',
        since: after(HOUR),
        expires: { since: after(HOUR), ms: HOUR },
      },
      revision: 2,
      host: 'midas',
    },
  ]);
  const back = { ...now, at: after(0).at };
  t.is(settle({ ...planned, operator: begun.operator }, at(back)).operator, begun.operator);
  t.deepEqual(settle({ ...planned, operator: begun.operator }, at(after(2 * HOUR))).operator.entries, [
    { ...WEB, revision: 3, host: 'midas' },
  ]);
});

test('a planned drain whose time has passed while the machine was down is over', t => {
  const planned = timed(planDrain(NOTHING, [WEB], { ...ADA, lasts: HOUR }, { at: after(HOUR).at }, MIDAS));
  const { operator, due } = settle(planned, at(rebooted(3 * HOUR, 5000)));
  t.deepEqual(whats(due), ['drain-begins', 'drain-ends']);
  t.is(operator.entries[0]?.drain, undefined);
  t.is(operator.entries[0]?.planned, undefined);
});

test("expiries end a drain and a weight, and a slow start's end leaves nothing", t => {
  const later = settle(ALL, at(after(2 * HOUR)));
  t.deepEqual(whats(later.due), ['drain-ends', 'revert', 'slow-start', 'weight-ends']);
  const [web, other] = later.operator.entries;
  t.deepEqual(Object.keys(web!).toSorted(), ['host', 'planned', 'revision', 'server', 'service']);
  t.deepEqual(other, { ...OTHER, revision: web!.revision, host: 'midas' });
  const health = returned(died(HEALTHY, WEB, 'mon', after(0)), WEB, 9000, after(0));
  t.is(settle(timed(NOTHING, { health }), at(after(8999))).health, health);
  t.deepEqual(settle(timed(NOTHING, { health }), at(after(9000))).health, HEALTHY);
});

test('after settling nothing is due, and settling again changes nothing', async t => {
  const span = fc.integer({ min: 1, max: 10 * HOUR });
  const wall = fc.integer({ min: -10 * HOUR, max: 10 * HOUR }).map(ms => ({ at: after(ms).at }));
  const edit = fc.oneof(
    span.map(lasts => (one: Operator) => drain(one, [WEB], { ...ADA, lasts }, MIDAS)),
    fc.tuple(wall, span).map(
      ([when, lasts]) =>
        (one: Operator) =>
          planDrain(one, [WEB, OTHER], { ...ADA, lasts }, when, MIDAS),
    ),
    span.map(lasts => (one: Operator) => setWeight(one, [OTHER], 7, { ...ADA, lasts }, MIDAS)),
    span.map(over => (one: Operator) => undrain(drain(one, [OTHER], ADA, MIDAS), [OTHER], over, MIDAS)),
  );
  const now = fc.oneof(
    fc.tuple(fc.nat(20 * HOUR), fc.integer({ min: -HOUR, max: HOUR })).map(([ms, step]) => ({
      ...after(ms),
      at: after(ms + step).at,
    })),
    fc.tuple(fc.integer({ min: -HOUR, max: 20 * HOUR }), fc.nat(HOUR)).map(([ms, up]) => rebooted(ms, up)),
  );
  await holds(
    t,
    fc.tuple(fc.array(edit, { maxLength: 6 }), now),
    ([edits, moment]) => {
      const operator = edits.reduce((one, change) => change(one), NOTHING);
      const first = settle(timed(operator), at(moment));
      const state = timed(first.operator, { health: first.health });
      const wait = next(deadlines(state, moment), moment);
      expect(wait === undefined || wait > 0, () => JSON.stringify([first.operator, moment]));
      const again = settle(state, at(moment));
      expect(again.operator === first.operator && again.due.length === 0, () => JSON.stringify(again));
    },
    500,
  );
});
