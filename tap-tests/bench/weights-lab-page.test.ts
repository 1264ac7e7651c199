import test from 'ava';
import type { Figures, Round } from '../lab/weights/figures.js';
import { SETS } from '../lab/weights/policies.js';
import {
  compared,
  labPart,
  medians,
  policyTable,
  verdictOfMachine,
  verdictsOfLab,
} from './weights-lab-page.js';

const figures = (name: string, p99: number, slowest = 0.75): Figures => ({
  name,
  role: 'ours',
  requests: 4000,
  lost: p99 === 60_000 ? 500 : 0,
  mean: p99 / 4,
  p50: p99 / 5,
  p99,
  shares: [0.07, 0.13, 0.27, 0.53],
  busy: [slowest, 0.75, 0.75, 0.75],
  weights: [1, 2, 4, 8],
  sentLate: 12,
  answeredLate: 3,
});
const P99: Readonly<Record<string, readonly [p99: number, slowest: number]>> = {
  'wlc, perfect weights': [2000, 0.75],
  'wlc, capacity': [2100, 0.76],
  'wrr, perfect weights': [4000, 0.75],
  'wrr, capacity': [4300, 0.76],
  'wlc, equal weights': [9000, 0.9],
  'wrr, equal weights': [60_000, 1],
  rr: [60_000, 1],
  'wrr, idle share by load1': [60_000, 1],
};
const round = (policies: readonly Figures[]): Round => ({
  seed: 1,
  load: 0.75,
  rate: 12,
  seconds: 360,
  policies,
  courses: [],
  idle: 0.4,
});
const named = (set: keyof typeof SETS, changed: Record<string, number> = {}): Figures[] =>
  SETS[set].map(({ name }) => {
    const [p99, slowest] = P99[name] ?? [3000, 0.8];
    return figures(name, changed[name] ?? p99, slowest);
  });

const ROUNDS = {
  ours: [round(named('ours'))],
  others: [round(named('others'))],
  step: [round(named('step'))],
};

test('the median of three rounds counts, not the worst', t => {
  const three = [1000, 9000, 2000].map(p99 => [figures('a', p99)]);
  t.is(medians(three)[0]!.p99, 2000);
  t.deepEqual(medians(three)[0]!.shares, [0.07, 0.13, 0.27, 0.53]);
});

test('a line has seconds, what was lost, and shares', t => {
  t.regex(
    policyTable([figures('rr', 60_000, 1)], new Map([['rr', 59_000]])),
    /^\| rr \| 12\.00 s \| 60\.00 s \| 59\.00 s \| 12\.5 % \| 7 13 27 53 \| 100 75 75 75 \|$/m,
  );
});

test('ours is held against perfect weights, and against equal ones that overload a server', t => {
  const found = verdictsOfLab(compared(ROUNDS));
  t.deepEqual(
    found.map(({ isMet }) => isMet),
    [true, true, true, true, true, true],
  );
  t.false(found.some(({ text }) => text.includes('wlc, equal weights')));
  const worse = verdictsOfLab(
    compared({ ...ROUNDS, ours: [round(named('ours', { 'wlc, capacity': 2300, 'wrr, capacity': 6100 }))] }),
  );
  t.deepEqual(
    worse.map(({ isMet }) => isMet),
    // Near perfect under wlc and wrr; then against equal weights and rr, each for wlc and wrr.
    [false, false, true, false, true, false],
  );
  t.throws(() => verdictsOfLab([]), { message: /nothing was measured/ });
});

test('the page tells of a missed target, and of a single run', t => {
  const part = labPart(ROUNDS);
  t.regex(part, /a single run of 360 s/);
  t.regex(part, /wlc, capacity: p99 is 1\.05 times that of perfect weights; the target is 1\.10: pass\./);
  t.regex(
    part,
    /sent 12 ms or less after they were due in the median of the rounds, 12 ms in the worst.*: pass\./,
  );
  t.regex(part, /^- wlc, equal weights: nobody gives up, .* is 4\.3 times that of wlc, capacity\.$/m);
  t.regex(
    labPart({ ...ROUNDS, ours: [round(named('ours', { 'wlc, capacity': 2300 }))] }),
    /1\.15 times that of perfect weights; the target is 1\.10: \*\*FAIL\*\*/,
  );
});

test('what a busy machine has measured does not pass, and its worst round is told', t => {
  const busy = { ...figures('b', 1), sentLate: 201 };
  t.true(verdictOfMachine([figures('a', 1)], [figures('a', 1), busy]).isMet);
  t.regex(verdictOfMachine([figures('a', 1)], [figures('a', 1), busy]).text, / 12 ms .* 201 ms in the worst/);
  t.false(verdictOfMachine([figures('a', 1), busy], [busy]).isMet);
});
