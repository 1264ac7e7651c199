// node build/tap-tests/bench/weights.js [--write]
//
// Runs the production controller in the simulator and judges it by its targets. Exits with 1 where one is missed; --write
// renews docs/weights-*.svg and the tables of docs/weights.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { lineChart, logBars } from './chart.js';
import { FRESH_SEEDS, judgeAll, judgedTable } from './weights-judged.js';
import { compareLaws, coursesOfAStep } from './weights-laws.js';
import { lawTable, withTables, verdictsOfLaws } from './weights-page.js';

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const judged = judgeAll(FRESH_SEEDS, tell);
tell('laws beside each other');
const laws = compareLaws();
const isMet = judged.filter(one => !one.isTuned);
const tuned = judged.filter(one => one.isTuned);
console.log(
  `Not used to choose constants:\n\n${judgedTable(isMet)}\n\nUsed to choose constants:\n\n${judgedTable(tuned)}\n`,
);
console.log(lawTable(laws));
const found = verdictsOfLaws(laws);
for (const { text, isMet: met } of found) console.log(`${met ? 'pass' : 'FAIL'}: ${text}`);

if (process.argv.includes('--write')) {
  const page = 'docs/weights.md';
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), { judged, laws, found }));
  const often = laws.filter(({ period }) => period === 5000);
  const bars = often.map(({ name, p99, role, lost }) => ({
    name,
    value: p99,
    role,
    note: lost > 0.0005 ? ` ms, ${(lost * 100).toFixed(1)} % lost` : ' ms',
  }));
  const under = 'speeds 1:2:4:8, 0.8 of what they can do; each step to the right is ten times as long';
  writeFileSync('docs/weights-laws.svg', logBars('99 of 100 requests are answered within', under, bars));
  const chart = lineChart(
    'Mean time of a request in ms, when the largest server becomes half as fast',
    'wlc, polled every 5 s; 0.6 of the load becomes 0.82',
    coursesOfAStep(),
    { most: 200, xName: 'seconds from then on' },
  );
  writeFileSync('docs/weights-step.svg', chart);
}
process.exitCode = [
  ...judged.map(one => one.verdict.missed.length === 0),
  ...found.map(one => one.isMet),
].every(Boolean)
  ? 0
  : 1;
