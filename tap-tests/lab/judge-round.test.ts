import test from 'ava';
import type { Figures } from './weights/figures.js';
import { judgeRound } from './weights/judge-round.js';
import { type SetName, SETS } from './weights/policies.js';

type Told = Pick<Figures, 'mean' | 'p99' | 'lost'>;

/**
 * What rounds in the lab came to, in milliseconds: of `ours` and `others` the medians of docs/weights.md, whose means are
 * not told there; of `step` a single round on a busy machine.
 */
const RECORDED: Readonly<Record<string, Told>> = {
  'wlc, perfect weights': { mean: 0, p99: 2550, lost: 0 },
  'wlc, capacity': { mean: 0, p99: 2330, lost: 0 },
  'wrr, perfect weights': { mean: 0, p99: 4560, lost: 0 },
  'wrr, capacity': { mean: 0, p99: 4070, lost: 0 },
  'wlc, equal weights': { mean: 0, p99: 6240, lost: 0 },
  'wrr, equal weights': { mean: 0, p99: 60_020, lost: 1452 },
  rr: { mean: 0, p99: 60_000, lost: 1477 },
  'wrr, idle share by load1': { mean: 0, p99: 60_000, lost: 1071 },
  'perfect weights at once': { mean: 1504, p99: 4469, lost: 0 },
  capacity: { mean: 1488, p99: 4715, lost: 0 },
  'the old weights': { mean: 1583, p99: 4684, lost: 0 },
};

function judged(set: SetName, changes: Readonly<Record<string, Partial<Told>>> = {}): void {
  const rest = { requests: 3600, p50: 500, shares: [], busy: [], weights: [], sentLate: 40, answeredLate: 3 };
  judgeRound(
    set,
    SETS[set].map(({ name, role }) => ({ name, role, ...rest, ...RECORDED[name]!, ...changes[name] })),
  );
}

test('rounds as they were recorded pass', t => {
  for (const set of Object.keys(SETS) as SetName[]) t.notThrows(() => judged(set), set);
});

/** What a round must not come to, and what is said of it. */
const FAILURES: readonly (readonly [SetName, Readonly<Record<string, Partial<Told>>>, RegExp])[] = [
  ['ours', { 'wlc, capacity': { lost: 1 } }, /^wlc, capacity loses requests/],
  ['ours', { 'wrr, perfect weights': { lost: 2 } }, /^wrr, perfect weights loses requests/],
  ['ours', { 'wlc, capacity': { p99: 2 * 2550 } }, /^wlc$/],
  ['ours', { 'wrr, capacity': { p99: 2 * 4560 } }, /^wrr$/],
  ['others', { rr: { lost: 0 } }, /^rr$/],
  ['others', { 'wrr, equal weights': { lost: 0 } }, /^wrr, equal weights$/],
  ['step', { capacity: { lost: 1 } }, /^capacity loses requests/],
  // A round that was recorded, too.
  [
    'step',
    {
      'perfect weights at once': { mean: 681, p99: 2959, lost: 1 },
      capacity: { mean: 627, p99: 2625, lost: 0 },
      'the old weights': { mean: 714, p99: 3309, lost: 0 },
    },
    /^perfect weights at once loses requests/,
  ],
  ['step', { capacity: { mean: 1583 } }, /^capacity is no better/],
];

test('a round fails where ours loses requests, or is no better than what it should be better than', t => {
  for (const [set, changes, message] of FAILURES)
    t.throws(() => judged(set, changes), { message }, JSON.stringify(changes));
});

test('what others lose is what a round is to show', t => {
  t.notThrows(() => judged('others', { 'wlc, equal weights': { lost: 3 } }));
  t.notThrows(() => judged('step', { 'the old weights': { lost: 3 } }));
  t.notThrows(() => judged('ours', { 'wrr, capacity': { p99: 2 * 4560 - 1 } }));
});
