import test from 'ava';
import type { PolledService } from '../../src/weights/poll.js';
import { Bench, type BenchHost, UNLIKE } from '../support/weighed.js';

const bare = (load: number): BenchHost => ({ rate: 0, busy: load, bare: true });
/** The load of one of two servers, the other one idle, by which its share is to be this. */
const loadFor = (share: number): number => (1 - share) / share - 1;
const near = (found: number, wanted: number): boolean => Math.abs(found - wanted) < 1e-6;

for (const [scheduler, hysteresis] of [
  ['wrr', 0.05],
  ['wlc', 0.1],
  ['sed', 0.1],
  ['mh', 0.2],
] as const) {
  test(`${scheduler}: a share that is wrong by less than ${hysteresis} is left, and by more is written`, t => {
    for (const [off, isWritten] of [
      [hysteresis - 0.01, false],
      [hysteresis + 0.01, true],
    ] as const) {
      const hosts = { a: bare(loadFor(0.5 / (1 + off))), b: bare(0) };
      const weights = new Bench().polls(3, hosts, { scheduler, law: 'uptime' });
      t.is(weights[0] !== weights[1], isWritten, `${off}: ${weights.join(' ')}`);
    }
  });
}

test('wrr: where works vary more than usual, a weight has to be wrong by more before it is written', t => {
  for (const isUneven of [false, true]) {
    const bench = new Bench();
    let weights: readonly number[] = [];
    for (let n = 0; n < 200; n++) {
      const work = isUneven ? (n % 2 ? 0.66 : 1.34) : 1;
      const hosts = { a: { rate: 47 * work, busy: 0.5 }, b: { rate: 53 * work, busy: 0.5 } };
      weights = bench.polls(2, hosts, { scheduler: 'wrr' });
    }
    t.is(weights[0] === weights[1], isUneven, weights.join(' '));
  }
});

test('a step is as long after an hour without a poll as after five seconds, towards what is wanted and back', t => {
  const bench = new Bench();
  bench.polls(1, { a: bare(0), b: bare(0), c: bare(0) }, { law: 'uptime' });
  bench.now += 3_600_000;
  const [first] = bench.servers(1, { a: bare(99), b: bare(0), c: bare(0) }, { law: 'uptime' });
  t.is(first!.factor, 0.75);
  const low = bench.servers(40, { a: bare(99), b: bare(0), c: bare(0) }, { law: 'uptime' })[0]!.factor;
  t.true(low < 0.2);
  bench.now += 3_600_000;
  const silent = { a: { ...bare(0), silent: true }, b: bare(0), c: bare(0) };
  const [back] = bench.servers(1, silent, { law: 'uptime' });
  t.deepEqual(back!.limits.slice(0, 1), ['decaying']);
  t.true(near(back!.factor, low * 1.25), String(back!.factor));
});

test('no law writes a 0, however loaded or slow a server is', t => {
  for (const scheduler of ['wrr', 'wlc', 'mh'] as const) {
    const hosts = { a: bare(9_999_999), b: bare(0) };
    const servers = new Bench().servers(60, hosts, { scheduler, law: 'uptime' });
    t.true(servers[0]!.weight >= 1, scheduler);
    t.is(servers[0]!.factor, 0.1);
    const slow = new Bench().polls(60, { a: { rate: 0.001, busy: 1 }, b: { rate: 1000, busy: 0.1 } });
    t.true(slow.every(one => one >= 1));
  }
  const latency = [0.001, 1e9].map(one => ({
    host: 'a',
    key: String(one),
    configured: 10,
    latency: one,
  })) satisfies PolledService['servers'];
  for (const law of ['latency', 'lowest-latency'] as const) {
    const weights = new Bench().polls(60, { a: bare(0) }, { law, servers: latency });
    t.true(weights[1]! >= 1, law);
  }
});

test('weights begin as configured', t => {
  const servers = Object.keys(UNLIKE).map((key, index) => ({ host: key, key, configured: 3 - index }));
  for (const law of ['capacity', 'auto'] as const)
    t.deepEqual(new Bench().polls(2, UNLIKE, { servers, law }), [3, 2]);
});

test('while one is silent the others share what they had, and he keeps his part of the whole', t => {
  const bench = new Bench();
  const three = { ...UNLIKE, c: { rate: 40, busy: 0.2 } };
  const [, , c] = bench.servers(60, three);
  t.true(c!.factor > 1.5);
  const changed = { a: { rate: 20, busy: 0.2 }, b: UNLIKE.b, c: { ...three.c, silent: true } };
  const after = bench.servers(60, changed);
  t.is(after[2]!.factor, c!.factor);
  t.true(after[0]!.factor > 0.5, String(after[0]!.factor));
  const sum = after.reduce((all, { factor }) => all + factor, 0);
  t.true(Math.abs(sum - 3) < 0.02, String(sum));
});

test('where fewer than half answer nothing moves, for hours: neither who answers nor who is silent', t => {
  const bench = new Bench();
  const three = { ...UNLIKE, c: { rate: 40, busy: 0.2 } };
  const before = bench.servers(60, three);
  const lone = {
    a: { rate: 20, busy: 0.1 },
    b: { ...UNLIKE.b, silent: true },
    c: { ...three.c, silent: true },
  };
  const after = bench.servers(1000, lone);
  t.deepEqual(
    after.map(({ weight, factor }) => [weight, factor]),
    before.map(({ weight, factor }) => [weight, factor]),
  );
  t.deepEqual(after[0]!.limits.slice(0, 1), ['frozen']);
});

test('a boot begins the estimate anew: nothing is known before two polls and a hundred completions', t => {
  for (const law of ['capacity', 'auto'] as const) {
    const bench = new Bench();
    const before = bench.servers(40, UNLIKE);
    const booted = { a: UNLIKE.a, b: { rate: 5, busy: 0.4, boot: 'b' } };
    const after = bench.servers(4, booted, { law });
    t.is(after[1]!.capacity, undefined);
    t.true(near(after[1]!.factor, before[1]!.factor), law);
    const known = bench.servers(2, booted, { law });
    t.true(near(known[1]!.capacity!, 12.5), String(known[1]!.capacity));
  }
});

test('a counter that goes back begins the estimate anew', t => {
  const bench = new Bench();
  bench.polls(40, UNLIKE);
  const [, second] = bench.servers(1, { ...UNLIKE, b: { rate: 40, busy: -1000 } });
  t.is(second!.capacity, undefined);
  const again = bench.servers(2, UNLIKE);
  t.true(near(again[1]!.capacity!, 100), String(again[1]!.capacity));
});

test('an answer without its counters, as one that was cut off, forgets nothing and moves nothing', t => {
  const bench = new Bench();
  const before = bench.servers(40, UNLIKE);
  bench.servers(1, { ...UNLIKE, b: { ...UNLIKE.b, bare: true } });
  const after = bench.servers(1, UNLIKE);
  t.true(near(after[1]!.capacity!, before[1]!.capacity!));
  t.deepEqual(
    after.map(({ weight }) => weight),
    before.map(({ weight }) => weight),
  );
});

test('under turns who has a backlog gets less until it is gone, but never less than the floor', t => {
  const hosts = { a: { rate: 40, busy: 0.4 }, b: { rate: 40, busy: 0.4 }, c: { rate: 40, busy: 0.4 } };
  const queued = (active: number): Record<string, BenchHost> => ({ ...hosts, a: { ...hosts.a, active } });
  const bench = new Bench();
  t.deepEqual(bench.polls(20, hosts, { scheduler: 'wrr' }), [1, 1, 1]);
  // Ten seconds of its work wait there.
  const some = bench.servers(1, queued(1000), { scheduler: 'wrr' });
  t.true(some[0]!.limits.includes('backlog'));
  const share = some[0]!.weight / some[1]!.weight;
  t.true(share < 0.6 && share >= 0.4, String(share));
  t.false(bench.servers(1, hosts, { scheduler: 'wrr' })[0]!.limits.includes('backlog'));
  const calm = new Bench();
  calm.polls(20, hosts);
  t.false(calm.servers(1, queued(1000))[0]!.limits.includes('backlog'));
  const slow: Record<string, BenchHost> & { a: BenchHost } = {
    a: { rate: 1, busy: 1 },
    b: { rate: 90, busy: 0.1 },
    c: { rate: 90, busy: 0.1 },
  };
  const least = new Bench();
  least.polls(80, slow, { scheduler: 'wrr' });
  const [low, high] = least.servers(1, { ...slow, a: { ...slow.a, active: 1000 } }, { scheduler: 'wrr' });
  t.true(low!.limits.includes('backlog'));
  t.true(low!.weight / high!.weight > (0.1 / 1.45) * 0.9, `${low!.weight} ${high!.weight}`);
});

for (const [period, expected] of [
  // 3.5 seconds of work wait, half of one is free: 3 of 15 are 0.8, and 3 of 10 are 0.7.
  [5000, [3, 4, 4]],
  [1000, [2, 3, 3]],
] as const) {
  test(`under turns a backlog costs what it is of ten seconds, or of three polls of ${period} ms`, t => {
    const hosts = { a: { rate: 40, busy: 0.4 }, b: { rate: 40, busy: 0.4 }, c: { rate: 40, busy: 0.4 } };
    const bench = new Bench(period);
    bench.polls(100, hosts, { scheduler: 'wrr' });
    // Its completions have to stay what they were.
    const queued = { ...hosts, a: { rate: 40 + 350_000 / period, busy: 0.4, active: 350 } };
    t.deepEqual(bench.polls(1, queued, { scheduler: 'wrr' }), [...expected]);
  });
}

test('who asks for no connections gets none, unless all ask so', t => {
  for (const [a, b, expected] of [
    ['drain', 'ready', [0, 1]],
    ['ready', 'maint', [1, 0]],
    ['drain', 'maint', [1, 1]],
  ] as const) {
    const hosts = { a: { ...bare(0), asks: a }, b: { ...bare(0), asks: b } };
    t.deepEqual(new Bench().polls(2, hosts), [...expected]);
  }
  // One of weight 0 is nobody who is left.
  const hosts = { a: { ...bare(0), asks: 'drain' }, b: bare(0) } as const;
  const servers = ['a', 'b'].map((key, index) => ({ host: key, key, configured: 1 - index }));
  t.true(new Bench().polls(2, hosts, { servers })[0]! > 0);
});

test('integers of another scheduler do not stay under turns, where they would be runs of connections', t => {
  const bench = new Bench();
  const before = bench.polls(40, UNLIKE);
  t.true(before[1]! > 200);
  t.deepEqual(bench.polls(1, UNLIKE, { scheduler: 'wrr' }), [1, 4]);
  const large = Object.keys(UNLIKE).map(key => ({ host: key, key, configured: 100 }));
  t.deepEqual(new Bench().polls(1, UNLIKE, { servers: large, scheduler: 'wrr' }), [1, 1]);
  const silent = { a: { ...UNLIKE.a, silent: true }, b: { ...UNLIKE.b, silent: true } };
  t.deepEqual(new Bench().polls(1, silent, { servers: large, scheduler: 'wrr' }), [100, 100]);
  const [asked, unasked] = large;
  const servers = [asked!, { ...unasked!, isUnasked: true }];
  t.deepEqual(new Bench().polls(1, silent, { servers, scheduler: 'wrr' }), [100, 100]);
});

test('a factor of a file that somebody edited gives nobody more than all, and is soon gone', t => {
  for (const factor of [1e300, 1e-300]) {
    const bench = new Bench();
    const [, before] = bench.servers(40, UNLIKE);
    const { servers } = bench.state;
    bench.state = {
      ...bench.state,
      servers: { web: { ...servers['web'], b: { ...servers['web']!['b']!, factor } } },
    };
    const [, edited] = bench.servers(1, UNLIKE);
    t.true(edited!.factor <= 2 && edited!.factor >= 0.1, String(edited!.factor));
    const [, after] = bench.servers(20, UNLIKE);
    t.true(Math.abs(after!.factor - before!.factor) < 1e-3, String(after!.factor));
  }
});

test('one who answers no more is silent, whatever time a file says that he answered', t => {
  const bench = new Bench();
  bench.servers(40, UNLIKE);
  const { hosts } = bench.state;
  bench.state = { ...bench.state, hosts: { ...hosts, b: { ...hosts['b']!, heard: 1e15 } } };
  const [, first] = bench.servers(1, { ...UNLIKE, b: { ...UNLIKE.b, silent: true } });
  t.deepEqual(first!.limits.slice(0, 1), ['held']);
  const [, later] = bench.servers(150, { ...UNLIKE, b: { ...UNLIKE.b, silent: true } });
  t.deepEqual(later!.limits.slice(0, 1), ['decaying']);
});

test('servers without an agent neither freeze those that answer, nor are held', t => {
  const none = { ...bare(0), silent: true };
  const hosts = { a: bare(3), b: bare(0), c: none, d: none, e: none };
  const servers = Object.keys(hosts).map(key => ({ host: key, key, configured: 1, isUnasked: key > 'b' }));
  const found = new Bench().servers(1, hosts, { law: 'uptime', servers });
  t.deepEqual(
    found.map(({ factor }) => factor),
    [0.75, 1.25, 1, 1, 1],
  );
  t.false(found.some(({ limits }) => limits.includes('held')));
});

test('by latency, where fewer than half tell theirs nothing moves', t => {
  const of = (...latencies: readonly (number | undefined)[]): PolledService['servers'] =>
    latencies.map((latency, index) => ({ host: 'a', key: String(index), configured: 1, latency }));
  const limits = (servers: PolledService['servers']): (readonly string[])[] =>
    new Bench()
      .servers(1, { a: bare(0) }, { law: 'lowest-latency', servers })
      .map(one => one.limits.slice(0, 1));
  t.deepEqual(limits(of(1, undefined, undefined)), [['frozen'], ['held'], ['held']]);
  t.deepEqual(limits(of(1, 2, undefined)), [[], ['floor'], ['held']]);
});

test('a load is of the processors that the agent tells of, else of those of the description, else of one', t => {
  const shares = (a: Partial<BenchHost>): readonly (number | undefined)[] =>
    new Bench()
      .servers(1, { a: { rate: 0, busy: 3, ...a }, b: bare(0) }, { law: 'uptime' })
      .map(({ wanted }) => wanted && Math.round(wanted * 1000) / 1000);
  t.deepEqual(shares({ bare: true }), [0.4, 1.6]);
  t.deepEqual(shares({ bare: true, described: 3 }), [0.667, 1.333]);
  t.deepEqual(shares({ cpus: 3, described: 99 }), [0.667, 1.333]);
});
