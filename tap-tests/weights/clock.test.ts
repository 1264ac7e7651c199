import test from 'ava';
import { type ClockPair, compared } from '../../src/weights/clock.js';

const MINUTE = 60_000;

/** What is found while a host's clock goes so many times as fast as the director's. @returns when it changed, minutes */
function found(
  speed: number,
  minutes: number,
  period: number,
  from?: ClockPair,
): readonly [number, boolean][] {
  const start = from?.at ?? 0;
  const base = from?.time ?? 0;
  let pair = from;
  let was = from?.isWrong === true;
  const changes: [number, boolean][] = [];
  for (let at = start + period; at <= start + minutes * MINUTE; at += period) {
    const time = base + (at - start) * 1000 * speed;
    pair = compared(pair, { boot: 'a', time, cpus: 1, busy: 0 }, at);
    if (was !== (pair.isWrong === true)) {
      was = !was;
      changes.push([Math.ceil((at - start) / MINUTE), was]);
    }
  }
  return changes;
}

for (const period of [1000, 5000, MINUTE, 10 * MINUTE]) {
  test(`polled each ${period / 1000} s: a clock that goes as others do is believed, for days`, t => {
    for (const speed of [0.999, 1, 1.001, 0.9, 1.1]) t.deepEqual(found(speed, 3000, period), [], `${speed}`);
  });

  test(`polled each ${period / 1000} s: one that is too fast or too slow, or stands, is found in ten minutes, once`, t => {
    for (const speed of [0, 0.1, 0.5, 1.5, 3, 10, 1e6]) {
      const [first, ...more] = found(speed, 300, period);
      t.deepEqual(more, [], `${speed}`);
      t.true(first![0] <= Math.max(10, (2 * period) / MINUTE), `${speed}: ${first![0]} min`);
    }
  });
}

test('an answer that is repeated for a minute, and then is another, is no wrong clock', t => {
  let pair: ClockPair | undefined;
  for (let at = 0; at <= 60 * MINUTE; at += 5000) {
    const time = Math.floor(at / MINUTE) * MINUTE * 1000;
    pair = compared(pair, { boot: 'a', time, cpus: 1, busy: 0 }, at);
    t.falsy(pair.isWrong);
  }
});

test('one that goes right again is believed after five minutes of it; of another boot at once', t => {
  const wrong: ClockPair = { boot: 'a', time: 5e12, at: 0, isWrong: true };
  t.deepEqual(found(1, 60, 5000, wrong), [[5, false]]);
  t.falsy(compared(wrong, { boot: 'b', time: 5, cpus: 1, busy: 0 }, 5000).isWrong);
});
