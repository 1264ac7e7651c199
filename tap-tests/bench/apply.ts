import type { Losses } from '../../src/lab/watch.js';
import type { ApplyTimes } from '../lab/scenarios/apply-speed.js';
import type { Result } from './report.js';

/** What an apply takes, beside what cannot be saved: the start of Node, and ipvsadm's own work. */
export function applyResults(all: readonly ApplyTimes[], hundred: Losses): Result[] {
  const sizes = all.flatMap(large => {
    const tenth = all.find(one => one.servers === large.servers && one.services * 10 === large.services);
    return tenth ? ratios(large, tenth) : [];
  });
  const what = `\`apply\`, a hundred under load: lost of ${hundred.requests.toLocaleString('en-US')} requests`;
  return [...sizes, { what, value: hundred.lost, unit: '', target: 0 }];
}

function ratios(large: ApplyTimes, tenth: ApplyTimes): Result[] {
  const { empty, dumps, restore, nothing, weights, fill, single } = large;
  const size = `${large.services.toLocaleString('en-US')} × ${large.servers}`;
  const row = (what: string, value: number, target: number): Result => ({
    what: `\`apply\`, ${size}: ${what}`,
    value: Number(value.toFixed(3 - Math.max(0, Math.ceil(Math.log10(value))))),
    unit: 'x',
    target,
  });
  return [
    row('nothing to do, against Node and the dumps', nothing / (empty + dumps), 1.3),
    row('100 weights, against Node, two dumps and `-R`', weights / (empty + 2 * dumps + restore), 1.3),
    row('first fill, against a process for each entry', fill / single, 0.02),
    row('first fill, against that of a tenth', (fill - empty) / (tenth.fill - empty), 12),
  ];
}
