import test from 'ava';
import { factors, type Signal } from '../../src/weights/laws.js';

const ONE: Signal = { configured: 1, before: 1, cpus: 1 };

function rounded(law: Parameters<typeof factors>[0], ...signals: readonly Partial<Signal>[]): unknown[] {
  return factors(
    law,
    signals.map(one => ({ ...ONE, ...one })),
  ).map(({ factor, basis }) => (factor === undefined ? basis : Number(factor.toFixed(3))));
}

test('capacity: each gets as much as it can do of what all can', t => {
  t.deepEqual(rounded('capacity', { capacity: 1 }, { capacity: 3 }), [0.5, 1.5]);
  t.deepEqual(rounded('capacity', { capacity: 1, configured: 3 }, { capacity: 3, configured: 9 }), [1, 1]);
  t.deepEqual(rounded('capacity', { load: 3 }, { capacity: 3 }), ['none', 1]);
});

test('who is configured with 0 has no part in what the others share', t => {
  const [first, zero] = factors('capacity', [
    { ...ONE, capacity: 1 },
    { ...ONE, capacity: 3, configured: 0 },
  ]);
  t.is(first!.factor, 1);
  t.is(zero!.factor, undefined);
});

test('uptime goes by the load of each processor, and by the configured weight', t => {
  t.deepEqual(rounded('uptime', { load: 1 }, { load: 0 }), [0.667, 1.333]);
  t.deepEqual(rounded('uptime', { load: 4, cpus: 4 }, { load: 1 }), [1, 1]);
  t.deepEqual(rounded('uptime', { load: 0, configured: 8 }, { load: 0 }), [1, 1]);
});

test('auto: capacity for those that give counters, before it is known too; the others by what they say', t => {
  t.deepEqual(
    rounded('auto', { capacity: 1, counts: true, load: 9 }, { capacity: 3, counts: true }),
    [0.5, 1.5],
  );
  t.deepEqual(rounded('auto', { counts: true, load: 9 }, { load: 0 }), ['none', 1.818]);
  t.deepEqual(rounded('auto', { share: 0.75, load: 9 }, { load: 0 }), [0.75, 1.818]);
});

test('latency is a penalty of a half at most, and nobody gains by it', t => {
  t.deepEqual(rounded('latency', { latency: 1 }, { latency: 4 }, { latency: 5 }), [1, 1, 0.8]);
  t.deepEqual(rounded('latency', { latency: 4 }, { latency: 4 }, { latency: 4000 }, {}), [1, 1, 0.5, 'none']);
});
