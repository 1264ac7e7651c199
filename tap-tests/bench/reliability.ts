// node build/tap-tests/bench/reliability.js [--again] [--write]
//
// Measures in the lab what clients lose when a real server fails. Exits with 1 where a target is missed; --write puts
// the results into docs/reliability.md. --again takes those that are there of the last runs.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { CHECKERS } from '../lab/reliability/stage.js';
import type { Reliability } from '../lab/scenarios/reliability.js';
import { lab, RESULTS } from './lab.js';
import { reliabilityPage, reliabilityTable, verdicts } from './reliability-page.js';

const names = CHECKERS.map(checker => `reliability-${checker}`);
if (!process.argv.includes('--again')) await lab(...names);
const paths = names.map(name => `${RESULTS}/${name}.json`).filter(path => existsSync(path));
const all = paths.map(path => JSON.parse(readFileSync(path, 'utf8')) as Reliability);
console.log(reliabilityTable(all));
const found = verdicts(all);
for (const { text, isMet } of found) console.log(`${isMet ? 'pass' : 'FAIL'}: ${text}`);
if (process.argv.includes('--write'))
  writeFileSync('docs/reliability.md', reliabilityPage(all, loadavg()[2]!));
process.exitCode = found.every(({ isMet }) => isMet) ? 0 : 1;
