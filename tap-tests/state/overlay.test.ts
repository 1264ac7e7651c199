import test from 'ava';
import { died, type Health, returned } from '../../src/state/health.js';
import { drain, type Operator, planDrain, setWeight, undrain } from '../../src/state/operator.js';
import { overlayAt } from '../../src/state/overlay.js';
import { place } from '../../src/table/overlay.js';
import { after, OTHER, WEB } from './support.js';

const ADA = { author: 'ada', reason: 'new disk' };
const MIDAS = { host: 'midas', now: after(0) };
const NOTHING: Operator = { entries: [] };
const HEALTHY: Health = { dead: [], rising: [] };

test('what operators, checkers and the poller said comes together by server', t => {
  const operator = setWeight(
    drain(NOTHING, [WEB], { ...ADA, lasts: 3_600_000 }, MIDAS),
    [WEB, OTHER],
    7,
    { author: 'bob' },
    MIDAS,
  );
  const health = died(HEALTHY, WEB, 'mon', after(60_000));
  const measured = { weights: [{ ...WEB, weight: 5 }], revision: 1, host: 'midas', at: after(0).at };
  const overlay = overlayAt({ operator, health, measured }, after(120_000));
  const weight = { author: 'bob', since: '2026-11-21T02:00:00.000Z', value: 7 };
  t.deepEqual(overlay.get(place(WEB)), {
    measured: 5,
    dead: { since: '2026-11-21T02:01:00.000Z', by: 'mon' },
    drained: {
      author: 'ada',
      since: '2026-11-21T02:00:00.000Z',
      reason: 'new disk',
      expires: '2026-11-21T03:00:00.000Z',
    },
    weight,
  });
  t.deepEqual(overlay.get(place(OTHER)), { weight });
});

test('what has come due holds, settled or not', t => {
  const operator = planDrain(
    drain(NOTHING, [WEB], { ...ADA, lasts: 1000 }, MIDAS),
    [OTHER],
    ADA,
    { since: after(0), ms: 500 },
    MIDAS,
  );
  const drained = (ms: number): boolean[] => {
    const overlay = overlayAt({ operator, health: HEALTHY, measured: undefined }, after(ms));
    return [WEB, OTHER].map(at => overlay.get(place(at))?.drained !== undefined);
  };
  t.deepEqual(drained(0), [true, false]);
  t.deepEqual(drained(500), [true, true]);
  t.deepEqual(drained(1000), [false, true]);
});

test('a slow start is a share that grows; of two the smaller counts', t => {
  const operator = undrain(drain(NOTHING, [WEB], ADA, MIDAS), [WEB], 90_000, MIDAS);
  const late = returned(died(HEALTHY, WEB, 'mon', after(0)), WEB, 90_000, after(20_000));
  const shareAt = (ms: number, health = HEALTHY): number | undefined =>
    overlayAt({ operator, health, measured: undefined }, after(ms)).get(place(WEB))?.slowStart?.share;
  t.is(shareAt(0), 0.1);
  t.is(shareAt(45_000), 0.5);
  t.is(shareAt(90_000), undefined);
  t.is(shareAt(45_000, late), 0.3);
  t.is(shareAt(100_000, late), 0.9);
  t.is(shareAt(110_000, late), undefined);
});
