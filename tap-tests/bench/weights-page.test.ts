import test from 'ava';
import { lineChart, logBars } from './chart.js';
import { judgedTable, type Judged } from './weights-judged.js';
import type { LawResult } from './weights-laws.js';
import { lawTable, verdictsOfLaws, withTables } from './weights-page.js';

const law = (name: string, p99: number, lost = 0): LawResult => ({
  name,
  role: 'ours',
  period: 5000,
  mean: p99 / 4,
  p99,
  lost,
});
const LAWS = [
  law('wlc, capacity', 160),
  law('wrr, capacity', 1100),
  law('wrr, idle share by load1', 110_000, 0.2246),
];
const judged = (name: string, isTuned: boolean, missed: Judged['verdict']['missed'] = []): Judged => ({
  name,
  isTuned,
  target: { mean: 1.03, p99: 1.03, writesAnHour: 30 },
  verdict: {
    mean: 1.01,
    p99: 1.02,
    p99Settled: 1.12,
    lost: 0,
    recovery: 0,
    oscillation: 0.011,
    writesAnHour: 31.4,
    missed,
  },
});

test('laws are compared, and ours must be a hundred times better', t => {
  t.regex(lawTable(LAWS), /^\| wrr, idle share by load1 \| 27500 \/ 110000, 22\.5 % lost \|$/m);
  const found = verdictsOfLaws(LAWS);
  t.deepEqual(
    found.map(one => one.isMet),
    [true, true],
  );
  t.false(verdictsOfLaws([law('wlc, capacity', 1200), LAWS[2]!])[0]!.isMet);
});

test('a missed target stands out', t => {
  const table = judgedTable([judged('good', false), judged('bad', false, ['writesAnHour'])]);
  t.regex(table, /^\| pass \| good \| 1\.01 \| 1\.02 \| 1\.03 \| 1\.12 \|/m);
  t.regex(table, /^\| \*\*FAIL\*\* \| bad .* \| 31 \(at most 30\) \|$/m);
});

test('the page keeps all but its tables, as often as they are made', t => {
  const places = ['laws', 'fresh', 'tuned'].map(
    name => `before ${name}\n<!-- ${name} -->\nold\n<!-- /${name} -->\n`,
  );
  const parts = {
    judged: [judged('fresh one', false), judged('tuned one', true)],
    laws: LAWS,
    found: verdictsOfLaws(LAWS),
  };
  const once = withTables(places.join(''), parts);
  t.is(withTables(once, parts), once);
  t.notRegex(once, /^old$/m);
  t.regex(
    once,
    /before fresh\n<!-- fresh -->\n\n\|[^]*fresh one[^]*<!-- \/fresh -->\nbefore tuned[^]*tuned one/,
  );
  t.throws(() => withTables('no places', parts));
});

test('bars are as long as the logarithm of their values; texts cannot break out', t => {
  const drawn = logBars('a < b & "c"', 'under', [
    { name: '<x>', value: 10, role: 'ours' },
    { name: 'y', value: 1000, role: 'other', note: ' ms' },
  ]);
  t.deepEqual(
    [...drawn.matchAll(/<rect class="\w+" [^>]*width="(\d+)"/g)].map(one => one[1]),
    ['2', '330'],
  );
  t.regex(drawn, /aria-label="a &lt; b &amp; &quot;c&quot;"/);
  t.notRegex(drawn, /<x>/);
});

test('lines run from the first time to the last, and are cut at the top', t => {
  const drawn = lineChart(
    't',
    'u',
    [
      {
        name: 'l',
        role: 'best',
        points: [
          [-60, 0],
          [0, 50],
          [60, 500],
        ],
      },
    ],
    { most: 100, xName: 's' },
  );
  const [, points] = /<polyline class="line best" points="([^"]*)"/.exec(drawn)!;
  t.is(points, '56.0,292.0 376.0,172.0 696.0,52.0');
});
