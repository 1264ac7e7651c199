import test from 'ava';
import fc from 'fast-check';
import { nextStep, share } from '../../src/state/slow-start.js';
import { expect, holds } from '../support/arbitrary.js';
import { after } from './support.js';

test('a weight comes back in tenths, in equal steps', t => {
  const rise = { since: after(0), over: 90_000 };
  const shares = [0, 9999, 10_000, 45_000, 89_999, 90_000, 1e9].map(ms => share(rise, after(ms)));
  t.deepEqual(shares, [0.1, 0.1, 0.2, 0.5, 0.9, 1, 1]);
  t.is(nextStep(rise, after(0)), 10_000);
  t.is(nextStep(rise, after(10_000)), 20_000);
  t.is(nextStep(rise, after(89_000)), 90_000);
  t.is(nextStep(rise, after(90_000)), undefined);
});

test('no step is shorter than a second', t => {
  const shares = [0, 999, 1000, 2000].map(ms => share({ since: after(0), over: 2000 }, after(ms)));
  t.deepEqual(shares, [1 / 3, 1 / 3, 2 / 3, 1]);
  t.is(share({ since: after(0), over: 200 }, after(0)), 1 / 2);
  t.is(share({ since: after(0), over: 0 }, after(0)), 1);
});

test('the share rises with every next step, and ends at 1 after few of them', async t => {
  await holds(t, fc.integer({ min: 1, max: 86_400_000 }), over => {
    const rise = { since: after(0), over };
    let [now, last, steps] = [0, share(rise, after(0)), 0];
    expect(last > 0 && last < 1, () => `begins at ${last}`);
    for (let step = nextStep(rise, after(now)); step !== undefined; step = nextStep(rise, after(now))) {
      expect(step > now, () => `${step} after ${now}`);
      now = step;
      const next = share(rise, after(now));
      expect(next > last, () => `${next} after ${last}`);
      [last, steps] = [next, steps + 1];
    }
    expect(last === 1 && steps <= 9 && now === over, () => `${last} after ${steps} steps at ${now}`);
  });
});
