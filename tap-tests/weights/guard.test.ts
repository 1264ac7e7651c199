import test from 'ava';
import { type Asked, guarded } from '../../src/weights/guard.js';

const ONE: Asked = { before: 1, wanted: 1, silent: 0 };
const MINUTE = 60_000;

test('nothing moves by more than a quarter in a poll, or by half where polls are a minute apart', t => {
  const far = [
    { ...ONE, wanted: 4 },
    { ...ONE, wanted: 0.2 },
  ];
  t.deepEqual(
    guarded(far, 5000).map(one => [one.factor, one.limits]),
    [
      [1.25, ['slew']],
      [0.75, ['slew']],
    ],
  );
  t.deepEqual(
    guarded(far, MINUTE).map(one => one.factor),
    [1.5, 0.5],
  );
  t.deepEqual(guarded([{ ...ONE, wanted: 1.2 }], 5000), [{ factor: 1.2, limits: [] }]);
});

test('nobody falls below a tenth of the configured weight', t => {
  const [first] = guarded([{ before: 0.11, wanted: 0.001, silent: 0 }], 5000);
  t.deepEqual(first, { factor: 0.1, limits: ['floor'] });
  const [second] = guarded([{ before: 0.11, wanted: 0, silent: 0 }], 5000);
  t.is(second!.factor, 0.1);
});

test('who is silent keeps the weight for ten minutes, and has the configured one after twenty', t => {
  const silent = (before: number, minutes: number): number =>
    guarded([{ before, wanted: 9, silent: minutes * MINUTE }, ONE, ONE], MINUTE)[0]!.factor;
  t.is(silent(2, 1), 2);
  t.is(silent(2, 10), 2);
  let factor = 2;
  const seen: number[] = [];
  for (let minute = 11; minute <= 20; minute++) seen.push((factor = silent(factor, minute)));
  t.deepEqual(
    seen.map(one => one.toFixed(2)),
    ['1.90', '1.80', '1.70', '1.60', '1.50', '1.40', '1.30', '1.20', '1.10', '1.00'],
  );
  t.is(silent(factor, 21), 1);
  t.is(guarded([{ before: 1.5, wanted: 3, silent: undefined }, ONE, ONE], 5000)[0]!.factor, 1.5);
});

test('where fewer than half are heard nothing moves', t => {
  const mute: Asked = { before: 1, wanted: 1, silent: MINUTE };
  const lone: Asked = { before: 1, wanted: 1.2, silent: 0 };
  t.deepEqual(guarded([lone, mute, mute], 5000)[0], { factor: 1, limits: ['frozen'] });
  t.is(guarded([lone, mute], 5000)[0]!.factor, 1.2);
});

test('where the law knows nothing of a server its weight stays', t => {
  t.deepEqual(guarded([{ before: 1.7, wanted: undefined, silent: 0 }], 5000), [{ factor: 1.7, limits: [] }]);
});

test('who has no agent neither answers nor is silent, and goes to its configured weight', t => {
  const none = { before: 1, wanted: undefined, silent: undefined, isUnasked: true };
  const [one, other] = guarded([{ before: 1, wanted: 1.2, silent: 0 }, none, none, none], 5000);
  t.deepEqual(one, { factor: 1.2, limits: [] });
  t.deepEqual(other, { factor: 1, limits: [] });
  t.deepEqual(guarded([{ ...none, before: 2 }], 5000), [{ factor: 1.5, limits: [] }]);
  const mute = { before: 1, wanted: undefined, silent: 5000 };
  t.deepEqual(guarded([{ before: 1, wanted: 1.2, silent: 0 }, mute, mute, none], 5000)[0]!.limits, [
    'frozen',
  ]);
});
