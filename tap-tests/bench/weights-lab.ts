// node build/tap-tests/bench/weights-lab.js [--again] [--write]
//
// Measures in the lab what clients have of each way to set weights, one round after the other. Exits with 1 where a target
// is missed; --write renews docs/weights-lab*.svg and what docs/weights.md says of the lab. --again takes the rounds that
// are there of the last runs.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { namesOf } from '../lab/scenarios/weights-proof.js';
import { type Course, median, type Round } from '../lab/weights/figures.js';
import { type SetName, SETS } from '../lab/weights/policies.js';
import { lineChart, logBars } from './chart.js';
import { lab, RESULTS } from './lab.js';
import {
  compared,
  computedOf,
  labPart,
  medians,
  policyTable,
  type Rounds,
  singleOf,
  verdictOfMachine,
  verdictsOfLab,
} from './weights-lab-page.js';
import { withPart } from './weights-page.js';

const sets = Object.keys(SETS) as SetName[];
if (!process.argv.includes('--again')) for (const name of sets.flatMap(namesOf)) await lab(name);
const rounds = Object.fromEntries(sets.map(set => [set, roundsOf(set)])) as unknown as Rounds;
const figures = compared(rounds);
const step = medians(rounds.step.map(({ policies }) => policies));
console.log(`${policyTable(figures, computedOf(rounds))}\n\n${policyTable(step)}`);
const found = [...verdictsOfLab(figures), verdictOfMachine([...figures, ...step], singleOf(rounds))];
for (const { text, isMet } of found) console.log(`${isMet ? 'pass' : 'FAIL'}: ${text}`);

if (process.argv.includes('--write')) {
  const page = 'docs/weights.md';
  writeFileSync(page, withPart(readFileSync(page, 'utf8'), 'lab', labPart(rounds)));
  const bars = figures.map(({ name, p99, role, lost, requests }) => ({
    name,
    value: p99,
    role,
    note: lost > 0 ? ` ms, ${((lost / requests) * 100).toFixed(1)} % lost` : ' ms',
  }));
  const under = `real IPVS, ${rounds.ours[0]!.load} of what they can do; each step to the right is ten times as long`;
  writeFileSync(
    'docs/weights-lab.svg',
    logBars('In the lab 99 of 100 requests are answered within', under, bars),
  );
  const title = 'In the lab: mean time of a request in ms, when the largest server becomes half as fast';
  const chart = lineChart(title, 'wlc, polled every 5 s', joined(rounds.step), {
    most: 1000,
    xName: 'seconds from then on',
  });
  writeFileSync('docs/weights-lab-step.svg', chart);
}
process.exitCode = found.every(({ isMet }) => isMet) ? 0 : 1;

function roundsOf(set: SetName): Round[] {
  const paths = namesOf(set)
    .map(name => `${RESULTS}/${name}.json`)
    .filter(path => existsSync(path));
  if (paths.length === 0) throw new Error(`${RESULTS} has no round of ${set}`);
  return paths.map(path => JSON.parse(readFileSync(path, 'utf8')) as Round);
}

/** The medians of all rounds; slices begin at the same seconds in all. */
function joined(all: readonly Round[]): Course[] {
  return all[0]!.courses.map(({ name, role, points }) => ({
    name,
    role,
    points: points.map(([x], index) => {
      const values = all.flatMap(
        one => one.courses.find(course => course.name === name)?.points[index]?.[1] ?? [],
      );
      return [x, median(values)] as const;
    }),
  }));
}
