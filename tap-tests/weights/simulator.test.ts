import test from 'ava';
import { settled } from '../../src/weights/simulator/judge.js';
import { recovery } from '../../src/weights/simulator/measure.js';
import type { Result, Setting } from '../../src/weights/simulator/run.js';

const CHANGE = 20_000;

/** One request a second, which takes as long as its slice of ten seconds says. */
function served(...slices: readonly number[]): Result {
  const endings = slices.flatMap((_, slice) =>
    Array.from({ length: 10 }, (_, n) => slice * 10_000 + n * 1000),
  );
  const times = endings.map(ending => slices[Math.floor(ending / 10_000)]!);
  return {
    times: Float64Array.from(times),
    endings: Float64Array.from([...endings, slices.length * 10_000]),
    requests: endings.length,
    lost: 0,
    writes: 0,
    shares: [],
  };
}

test('a change is over with the first three slices that are within a quarter of the same ones of perfect weights', t => {
  const best = served(10, 10, 10, 10, 40, 10, 10, 10);
  // What is slow with perfect weights too is nobody's fault.
  t.is(recovery(served(10, 10, 30, 12, 48, 12, 10, 10), best, CHANGE), 10_000);
  t.is(recovery(served(10, 10, 30, 12, 48, 13, 12, 12), best, CHANGE), Infinity);
  t.is(recovery(best, best, CHANGE), 0);
});

test('what it is measured by has had ten minutes to settle', t => {
  const events = [{ at: 1_800_000, server: 1, mute: true }];
  const setting: Setting = {
    machines: [],
    scheduler: 'wlc',
    work: 50,
    load: 0.8,
    length: 1,
    warmUp: 0,
    period: 5000,
    seed: 1,
    events,
  };
  t.deepEqual(settled(setting, 1_800_000).events, [{ at: 1_200_000, server: 1, mute: true }]);
  t.deepEqual(settled(setting, 0), setting);
});
