// node build/tap-tests/bench/run.js [--write]
//
// Measures dist/main.js and the lab against their targets. Exits with 1 where one is missed; --write puts the results
// into docs/performance.md and docs/rates.svg. What the lab needs has to be installed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outsideAlert } from './alert.js';
import { LARGE, largeClassic, largeYaml, TENTH } from './large.js';
import type { Rates } from '../lab/scenarios/rates.js';
import { measureLab } from './lab.js';
import { type Command, lvsctl, medians, peakMemory } from './measure.js';
import { pollAtScale } from './poll.js';
import { plot } from './rates-plot.js';
import { page, type Result, table } from './report.js';

const folder = mkdtempSync(join(tmpdir(), 'lvsctl-bench-'));
const empty: Command = [describe('empty.mjs', '')];
const results: Result[] = [];

function say(result: Result): void {
  results.push(result);
  console.error(`  ${result.what}: ${result.value} ${result.unit}`);
}

function describe(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function startUp(): void {
  const four = 'tap-tests/examples/ime.lvs.conf';
  const start = [empty, lvsctl('--version'), lvsctl('validate', '-f', four)];
  const [nothing, version, validate] = medians(start, 41) as [number, number, number];
  const unit = 'x';
  say({
    what: '`--version`, against an empty Node program',
    value: round(version / nothing, 2),
    unit,
    target: 1.3,
  });
  say({
    what: '`validate` of two servers, against the same',
    value: round(validate / nothing, 2),
    unit,
    target: 2,
  });
}

function atScale(form: 'YAML' | 'classic'): void {
  const write = form === 'YAML' ? largeYaml : largeClassic;
  const ending = form === 'YAML' ? 'yaml' : 'conf';
  const large = describe(`large.${ending}`, write(LARGE));
  const tenth = describe(`tenth.${ending}`, write(TENTH));
  const validate = (file: string): Command => lvsctl('validate', '-f', file);
  const out = join(folder, 'out');
  const configure = (file: string): Command => lvsctl('configure', '-f', file, '--out', out);
  const clean = (): void => rmSync(out, { recursive: true, force: true });

  const checking = medians([empty, validate(large), validate(tenth)], 5) as [number, number, number];
  const making = medians([empty, configure(large), configure(tenth)], 5, clean) as [number, number, number];
  say({ what: `\`validate\`, ${form}`, value: round(checking[1] / 1000, 2), unit: 's', target: 3 });
  say({ what: `\`configure --out\`, ${form}`, value: round(making[1] / 1000, 2), unit: 's', target: 6 });
  say({
    what: `\`validate\`, ${form}: peak memory`,
    value: round(peakMemory(validate(large))),
    unit: 'MB',
    target: 500,
  });
  const peak = peakMemory(configure(large), clean);
  say({ what: `\`configure --out\`, ${form}: peak memory`, value: round(peak), unit: 'MB', target: 500 });
  // Without what Node's own start takes. A tenth that takes a tenth would be 10; what is quadratic would be 100.
  const growth = ([nothing, whole, part]: [number, number, number]): number =>
    (whole - nothing) / (part - nothing);
  say({
    what: `\`validate\`, ${form}: ten times the servers`,
    value: round(growth(checking), 1),
    unit: 'x',
    target: 12,
  });
  say({
    what: `\`configure --out\`, ${form}: ten times the servers`,
    value: round(growth(making), 1),
    unit: 'x',
    target: 12,
  });
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

let rates: readonly Rates[];
try {
  startUp();
  atScale('YAML');
  atScale('classic');
  for (const result of outsideAlert()) say(result);
  for (const result of await pollAtScale()) say(result);
  rates = await measureLab(say);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(table(results));
if (process.argv.includes('--write')) {
  writeFileSync('docs/performance.md', page(results, rates));
  writeFileSync('docs/rates.svg', plot(rates));
}
process.exitCode = results.every(one => one.value <= one.target) ? 0 : 1;
