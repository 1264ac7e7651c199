import test from 'ava';
import type { Counters } from '../../src/weights/answer.js';
import { type Balance, capacityOf, type Estimate, isAbsurd, learn } from '../../src/weights/estimator.js';

/** Polled each five seconds, as often as asked: so many completions a second while busy so much, of 1. */
function taught(
  from: Estimate | undefined,
  polls: number,
  { rate, busy }: { readonly rate: number; readonly busy: number },
  balance: Balance = 'turns',
): Estimate {
  let estimate = from;
  for (let n = 0; n < polls; n++) {
    const { time, busy: before } = estimate?.counters ?? { time: 0, busy: 0 };
    const counters = { boot: 'a', cpus: 1, time: time + 5e6, busy: before + busy * 5e6 };
    estimate = learn(estimate, counters, rate * 5, balance);
  }
  return estimate!;
}

const perSecond = (estimate: Estimate): number => capacityOf(estimate)! * 1000;

test('a capacity is what is completed while busy, and nothing before two polls and a hundred completions', t => {
  t.is(capacityOf(taught(undefined, 2, { rate: 1000, busy: 1 })), undefined);
  t.is(capacityOf(taught(undefined, 5, { rate: 4.9, busy: 0.5 })), undefined);
  t.is(Math.round(perSecond(taught(undefined, 6, { rate: 4, busy: 0.1 }))), 40);
  t.is(Math.round(perSecond(taught(undefined, 3, { rate: 50, busy: 0.5 }))), 100);
});

test('under turns what is old is dropped once a capacity is another; under connections it only ages', t => {
  for (const [balance, least, most] of [
    ['turns', 49, 51],
    ['connections', 51, 99],
  ] as const) {
    const old = taught(undefined, 60, { rate: 50, busy: 0.5 }, balance);
    const now = perSecond(taught(old, 4, { rate: 25, busy: 0.5 }, balance));
    t.true(now >= least && now <= most, `${balance}: ${now}`);
  }
});

test('what is off by chance drops nothing', t => {
  const old = taught(undefined, 60, { rate: 50, busy: 0.5 });
  const off = taught(taught(old, 1, { rate: 44, busy: 0.5 }), 1, { rate: 56, busy: 0.5 });
  t.true(off.base.completions > old.base.completions * 0.9);
});

/** Works of a heavy tail: for ten seconds far fewer are done than in the next ten. */
function varied(from: Estimate | undefined, rounds: number): Estimate {
  let estimate = from;
  for (let n = 0; n < rounds; n++) {
    estimate = taught(estimate, 2, { rate: 37, busy: 0.5 });
    estimate = taught(estimate, 2, { rate: 63, busy: 0.5 });
  }
  return estimate!;
}

test('where works vary more than usual, what would be a change elsewhere is none, and a larger one is', t => {
  const [even, uneven] = [taught(undefined, 60, { rate: 50, busy: 0.5 }), varied(undefined, 60)];
  t.is(even.spread, 1);
  t.is(uneven.spread, 4);
  const slower = { rate: 37, busy: 0.5 };
  t.true(perSecond(taught(even, 3, slower)) < 80);
  const kept = taught(uneven, 3, slower);
  t.true(kept.base.completions > uneven.base.completions * 0.9);
  t.true(perSecond(kept) > 90);
  const now = perSecond(taught(uneven, 24, { rate: 10, busy: 0.5 }));
  t.true(now < 25, String(now));
});

test('a change that is found does not pass for works that vary', t => {
  let estimate = taught(undefined, 60, { rate: 50, busy: 0.5 });
  for (const rate of [25, 50, 25, 50]) {
    estimate = taught(estimate, 60, { rate, busy: 0.5 });
    const now = perSecond(estimate);
    t.true(Math.abs(now / (rate * 2) - 1) < 0.02, `${now} where ${rate * 2} is right`);
  }
});

test('a counter that goes back, or has more than there was, is absurd; another boot or other processors are not', t => {
  const was: Counters = { boot: 'a', cpus: 2, time: 100e6, busy: 50e6 };
  t.false(isAbsurd(was, { ...was, time: 110e6, busy: 70e6 }));
  t.true(isAbsurd(was, { ...was, time: 110e6, busy: 49e6 }));
  t.true(isAbsurd(was, { ...was, time: 99e6 }));
  t.true(isAbsurd(was, { ...was, time: 99.9e6 }));
  t.true(isAbsurd(was, { ...was, time: 110e6, busy: 90e6 }));
  t.false(isAbsurd(was, { ...was, boot: 'b', time: 1, busy: 1 }));
  t.false(isAbsurd(was, { ...was, cpus: 4, time: 99e6 }));
  // A repeated answer of an application that goes on counting says nothing yet.
  t.false(isAbsurd(was, { ...was, busy: 90e6 }));
});

/** One more poll: so many completions, each of which took this much more or less of the host than before. */
function judged(old: Estimate, completions: number, deviation: number, seconds = 20): Estimate {
  const { completions: before, busy } = old.base;
  const worked = completions / ((before / busy) * (1 + deviation));
  const { counters } = old;
  const next = {
    ...counters,
    time: counters.time + seconds * 1e6,
    busy: counters.busy + worked * counters.cpus * 1000,
  };
  return learn(old, next, completions, 'turns');
}

/** What is known of a host that does 100 a second when it is wholly busy, with nothing in its window. */
const KNOWN = taught(undefined, 61, { rate: 50, busy: 0.5 });

/** By how much each of the windows is off, and of how many completions it is; whether what is old is dropped at last. */
const CHANGES: readonly (readonly [string, readonly (readonly [number, number])[], boolean])[] = [
  ['a little more than 12 % and 3 sigmas, once', [[0.13, 900]], false],
  [
    'the same twice',
    [
      [0.13, 900],
      [0.13, 900],
    ],
    true,
  ],
  [
    'to the other side twice',
    [
      [-0.13, 900],
      [-0.13, 900],
    ],
    true,
  ],
  [
    'to one side, and twice to the other',
    [
      [0.13, 900],
      [-0.13, 900],
      [-0.13, 900],
    ],
    true,
  ],
  [
    'to one side, back and again',
    [
      [0.13, 900],
      [0, 900],
      [0.13, 900],
    ],
    false,
  ],
  [
    'less than 12 %, twice',
    [
      [0.11, 1600],
      [0.11, 1600],
    ],
    false,
  ],
  [
    'less than 3 sigmas, twice',
    [
      [0.2, 210],
      [0.2, 210],
    ],
    false,
  ],
  ['less than 6 sigmas, once', [[0.4, 200]], false],
  ['more than 6 sigmas, once', [[0.4, 256]], true],
  ['more than 6 sigmas of a window that is not full', [[0.9, 99]], false],
  ['of one that just is', [[0.9, 101]], true],
];

for (const [what, windows, isDropped] of CHANGES) {
  test(`under turns what is old is ${isDropped ? 'dropped' : 'kept'}: ${what}`, t => {
    let estimate = KNOWN;
    for (const [deviation, completions] of windows) estimate = judged(estimate, completions, deviation);
    t.is(estimate.base.completions <= windows.at(-1)![1], isDropped, JSON.stringify(estimate));
  });
}

test('what is known of less than a hundred completions is no measure of a change', t => {
  const few = judged(taught(undefined, 3, { rate: 50, busy: 0.5 }), 0, 0, 600);
  t.true(few.base.completions < 100);
  const more = judged(few, 101, 0.9);
  t.true(more.base.completions > 101, String(more.base.completions));
});

test('what is known ages to a third in five minutes under turns, in two under connections', t => {
  for (const [balance, seconds] of [
    ['turns', 300],
    ['connections', 120],
  ] as const) {
    const old = taught(undefined, 60, { rate: 50, busy: 0.5 }, balance);
    const { counters } = old;
    const now = learn(old, { ...counters, time: counters.time + seconds * 1e6 }, 0, balance);
    const of = ({ base, window }: Estimate): number => base.completions + window.completions;
    t.true(Math.abs(of(now) / of(old) - Math.exp(-1)) < 1e-9, balance);
  }
});

test('the same answer once more tells nothing', t => {
  t.is(learn(KNOWN, KNOWN.counters, 50, 'turns'), KNOWN);
});

test('busy time is of all processors, and never more than the time that has passed', t => {
  const polled = (cpus: number, busy: number): number => {
    const at = (n: number): Counters => ({ boot: 'a', cpus, time: n * 5e6, busy: n * busy * 1e6 });
    return learn(learn(undefined, at(0), undefined, 'turns'), at(1), 1, 'turns').window.busy;
  };
  t.is(polled(1, 2.5), 2500);
  t.is(polled(4, 10), 2500);
  t.is(polled(1, 7), 5000);
});

test('who was never busy, or has completed nothing, has no capacity that is known', t => {
  t.is(capacityOf(taught(undefined, 60, { rate: 50, busy: 0 })), undefined);
  const nothing = { completions: 0, busy: 5000 };
  t.is(capacityOf({ ...KNOWN, base: nothing, window: nothing }), undefined);
});
