import test from 'ava';
import type { PolledService } from '../../src/weights/poll.js';
import { controlled, perfect } from '../../src/weights/simulator/policies.js';
import { served } from '../../src/weights/simulator/measure.js';
import { run, type Setting } from '../../src/weights/simulator/run.js';
import { Bench, UNLIKE } from '../support/weighed.js';

test('weights become as what the servers complete while they are busy', t => {
  const bench = new Bench();
  const [first, second] = bench.polls(40, UNLIKE);
  t.is(second, 255);
  t.true(Math.abs(first! - 64) < 6, String(first));
});

test('nothing moves before two polls and a hundred completions', t => {
  const bench = new Bench();
  t.deepEqual(bench.polls(2, UNLIKE), [1, 1]);
  const slow = new Bench();
  t.deepEqual(slow.polls(19, { a: { rate: 1, busy: 0.8 }, b: { rate: 1, busy: 0.2 } }), [1, 1]);
  t.notDeepEqual(slow.polls(5, { a: { rate: 1, busy: 0.8 }, b: { rate: 1, busy: 0.2 } }), [1, 1]);
});

test('a boot of a host begins its estimate anew, and its weight stays until that is known', t => {
  const bench = new Bench();
  const before = bench.polls(40, UNLIKE);
  const after = bench.polls(3, { ...UNLIKE, b: { ...UNLIKE.b, boot: 'b' } });
  t.deepEqual(after, before);
});

test('a counter that goes back, and one that says more than can be, are not believed', t => {
  for (const lie of [-1000, 1e9]) {
    const bench = new Bench();
    const before = bench.polls(40, UNLIKE);
    t.deepEqual(bench.polls(1, { ...UNLIKE, b: { rate: 40, busy: lie } }), before);
  }
});

test('a server that gets no connections tells nothing of what it could do', t => {
  const bench = new Bench();
  const before = bench.polls(40, UNLIKE);
  t.deepEqual(bench.polls(30, { ...UNLIKE, b: { rate: 0, busy: 0.4, closed: true } }), before);
});

test('what was done while an agent was silent counts beside the time that its next answer tells of', t => {
  const bench = new Bench();
  for (let n = 0; n < 20; n++) {
    bench.poll({ ...UNLIKE, b: { ...UNLIKE.b, silent: true } });
    bench.poll(UNLIKE);
  }
  const [first, second] = bench.poll(UNLIKE).services.get('web')!;
  t.true(Math.abs(first!.capacity! - 25) < 0.1, String(first!.capacity));
  t.true(Math.abs(second!.capacity! - 100) < 0.1, String(second!.capacity));
});

test('a server that left the table while its agent was silent is not credited with what it did before', t => {
  const bench = new Bench();
  bench.polls(40, UNLIKE);
  const known = bench.poll(UNLIKE).services.get('web')![1]!.capacity!;
  const counted = (connections: number): PolledService['servers'] =>
    ['a', 'b'].map(key => ({
      host: key,
      key,
      configured: 1,
      counted: { connections, active: 0, isOpen: true },
    }));
  bench.poll({ ...UNLIKE, b: { ...UNLIKE.b, silent: true } }, { servers: counted(5) });
  // More than it had: whoever compares with that takes it for little.
  const after = bench.poll(UNLIKE, { servers: counted(20_000) }).services.get('web')![1]!.capacity!;
  t.true(Math.abs(after - known) < 0.1, String(after));
});

test('a server whose connections the kernel counts anew loses nothing of what is known of it', t => {
  const bench = new Bench();
  const known = bench.servers(40, UNLIKE)[1]!.capacity!;
  const anew = { connections: 5, active: 0, isOpen: true };
  const servers = ['a', 'b'].map(key => ({ host: key, key, configured: 1, counted: anew }));
  const after = bench.servers(1, UNLIKE, { servers })[1]!.capacity!;
  t.true(Math.abs(after - known) < 0.1, String(after));
});

test('a server that is not in the table tells nothing of its host, and hides nothing', t => {
  const bench = new Bench();
  let capacity: number | undefined;
  for (let n = 1; n <= 10; n++) {
    const counted = { connections: n * 200, active: 0, isOpen: true };
    const servers = [
      { host: 'a', key: 'a', configured: 1, counted },
      { host: 'a', key: 'dead', configured: 1 },
    ];
    capacity = bench.servers(1, UNLIKE, { servers })[0]!.capacity;
  }
  // 40 a second, busy for 0.8 of it.
  t.true(Math.abs(capacity! - 50) < 0.1, String(capacity));
});

test('who is configured with 0 stays at 0, whatever it could do', t => {
  const bench = new Bench();
  const outcome = bench.poll(UNLIKE);
  const servers = outcome.services.get('web')!.map(({ key }) => ({
    host: key,
    key,
    configured: key === 'b' ? 0 : 1,
    counted: { connections: 1, active: 0, isOpen: true },
  }));
  for (let n = 0; n < 40; n++) bench.poll(UNLIKE, { servers });
  t.is(bench.poll(UNLIKE, { servers }).services.get('web')![1]!.weight, 0);
});

test('a 0 of a description before this one does not stay', t => {
  for (const scheduler of ['wrr', 'wlc', 'mh'] as const) {
    const bench = new Bench();
    const of = (...configured: readonly [number, number]): PolledService['servers'] =>
      ['a', 'b'].map((key, index) => ({ host: key, key, configured: configured[index]! }));
    t.deepEqual(bench.polls(2, UNLIKE, { scheduler, servers: of(0, 0) }), [0, 0]);
    t.true(
      bench.polls(1, UNLIKE, { scheduler, servers: of(1, 1) }).every(weight => weight > 0),
      scheduler,
    );
    t.is(bench.polls(1, UNLIKE, { scheduler, servers: of(0, 1) })[0], 0);
  }
});

test('another configured weight moves no share at once, of one who is silent none at all', t => {
  for (const scheduler of ['wlc', 'wrr'] as const)
    for (const [configured, silent] of [
      [[40, 4, 4], []],
      [[2, 5, 25], []],
      [[40, 4, 4], ['b']],
      [
        [40, 4, 4],
        ['a', 'b', 'c'],
      ],
    ] as const) {
      const bench = new Bench();
      const three = { ...UNLIKE, c: { rate: 50, busy: 0.2 } };
      const of = (weights: readonly number[]): PolledService['servers'] =>
        ['a', 'b', 'c'].map((key, index) => {
          const counted = { connections: Math.round(bench.done(key)), active: 0, isOpen: true };
          return { host: key, key, configured: weights[index]!, counted };
        });
      for (let n = 0; n < 60; n++) bench.poll(three, { scheduler, servers: of([4, 4, 4]) });
      const before = bench.polls(1, three, { scheduler, servers: of([4, 4, 4]) });
      const now = Object.fromEntries(
        Object.entries(three).map(([key, one]) => [
          key,
          { ...one, silent: (silent as readonly string[]).includes(key) },
        ]),
      );
      for (let n = 0; n < 20; n++) {
        const after = bench.polls(1, now, { scheduler, servers: of(configured) });
        const shares = (weights: readonly number[]): number[] =>
          weights.map(weight => weight / weights.reduce((sum, one) => sum + one));
        for (const [index, share] of shares(after).entries())
          t.true(
            Math.abs(share - shares(before)[index]!) < 0.04,
            `${scheduler} ${configured.join(' ')} ${silent.join(' ')}, ${n}: ${before.join(' ')} → ${after.join(' ')}`,
          );
      }
    }
});

test('small changes are not written', t => {
  const bench = new Bench();
  bench.polls(60, UNLIKE);
  const moved = { ...UNLIKE, b: { rate: 42, busy: 0.4 } };
  t.deepEqual(bench.polls(20, moved), bench.polls(1, UNLIKE));
});

const SETTING: Setting = {
  machines: [1, 2, 4, 8].map(speed => ({ speed, cpus: 1 })),
  scheduler: 'wlc',
  work: 50,
  load: 0.8,
  length: 600_000,
  warmUp: 240_000,
  period: 5000,
  seed: 1,
};

for (const scheduler of ['wlc', 'wrr'] as const) {
  test(`clients are served as with perfect weights under ${scheduler} (the simulator)`, t => {
    const setting = { ...SETTING, scheduler };
    const [ideal, real] = [perfect(setting), controlled(setting, 'capacity')].map(policy =>
      served(run(setting, policy)),
    );
    t.true(real!.mean / ideal!.mean <= 1.05, `${real!.mean} ${ideal!.mean}`);
    t.true(real!.p99 / ideal!.p99 <= 1.05, `${real!.p99} ${ideal!.p99}`);
    t.is(real!.lost, 0);
  });
}

test('a change is called too small only where another share would have been written', t => {
  const bench = new Bench();
  const polled = (busy: number): (readonly string[])[] =>
    bench
      .poll({ a: { rate: 20, busy }, b: { rate: 20, busy: 0 } }, { law: 'uptime' })
      .services.get('web')!
      .map(({ limits }) => limits);
  // Configured 1 and 1, and 1 to 1 is what is wanted.
  t.deepEqual(polled(0), [[], []]);
  // 1 to 1.05.
  t.deepEqual(polled(0.05), [['hysteresis'], ['hysteresis']]);
  t.deepEqual(polled(0.3), [[], []]);
  // What was written stands for it.
  t.deepEqual(polled(0.3), [[], []]);
});
