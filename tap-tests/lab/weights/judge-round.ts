import assert from 'node:assert/strict';
import type { Figures } from './figures.js';
import type { SetName } from './policies.js';

/** What holds of each single round; how well it does is judged by the medians of all. @throws AssertionError */
export function judgeRound(set: SetName, policies: readonly Figures[]): void {
  const of = (name: string): Figures => policies.find(one => one.name === name)!;
  for (const { name, lost } of set === 'others' ? [] : policies.filter(one => one.role !== 'other'))
    assert.equal(lost, 0, `${name} loses requests`);
  if (set === 'ours')
    for (const scheduler of ['wlc', 'wrr'])
      assert.ok(of(`${scheduler}, capacity`).p99 < 2 * of(`${scheduler}, perfect weights`).p99, scheduler);
  if (set === 'others') for (const name of ['rr', 'wrr, equal weights']) assert.ok(of(name).lost > 0, name);
  if (set === 'step')
    assert.ok(of('capacity').mean < of('the old weights').mean, 'capacity is no better than the old weights');
}
