import test from 'ava';
import type { Row } from '../lab/reliability/measure.js';
import type { Reliability } from '../lab/scenarios/reliability.js';
import { reliabilityPage, reliabilityTable, verdicts } from './reliability-page.js';

const NONE = { refused: 0, reset: 0, silent: 0 };
const calm = { requests: 1000, lost: NONE, slow: 0, span: 0, gap: 0 };

function row(name: string, changed: number | undefined, refused: number): Row {
  return {
    name,
    ...(changed === undefined ? {} : { changed, back: 1 }),
    departures: changed === undefined ? 0 : 1,
    during: { requests: 80, lost: { ...NONE, refused }, slow: 2, span: refused / 20, gap: 0.1 },
    after: { ...calm, requests: 60 },
  };
}

const measured = (changed: number | undefined, waiting: number): Reliability[] => [
  {
    checker: 'mon',
    rows: [
      row('killed', 1, 10),
      row('killed', changed, 30),
      row('killed', 1.5, 20),
      row('`drain --wait`, then stopped', 0.5, waiting),
    ],
    calm,
  },
];

test('a line has the median and the worst', t => {
  const line = reliabilityTable(measured(2.5, 0)).split('\n')[2];
  t.is(line, '| killed | mon | 1.5 (2.5) s | 20 (30) of 80 | 60 / 0 / 0 | 1.0 (1.5) s | 2 | 0.10 s | 0 |');
});

test('a server that never left is told, and misses the target; so does a drain that loses', t => {
  t.regex(reliabilityTable(measured(undefined, 0)), /stayed 1 of 3 times/);
  t.deepEqual(
    verdicts(measured(2.5, 0)).map(({ isMet }) => isMet),
    [true, true],
  );
  t.deepEqual(
    verdicts(measured(3.5, 0)).map(({ isMet }) => isMet),
    [false, true],
  );
  t.deepEqual(
    verdicts(measured(undefined, 1)).map(({ isMet }) => isMet),
    [false, false],
  );
});

test('what was not measured meets no target', t => {
  t.deepEqual(verdicts([{ checker: 'mon', rows: [row('flaps', 1, 10)], calm }]), []);
});

test('the page has the table, the targets, and the reason why drains are missing', t => {
  const [one] = measured(2.5, 0);
  const page = reliabilityPage([{ ...one!, refusal: 'keepalived owns the table' }], 2);
  t.true(page.includes(reliabilityTable([one!])));
  t.regex(page, /the target is 3 s: pass\./);
  t.regex(page, /Drains with mon are not in the table: keepalived owns the table\./);
});
