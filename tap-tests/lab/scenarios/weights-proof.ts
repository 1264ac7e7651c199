import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { RESULTS, type Scenario } from '../harness.js';
import { note } from '../notes.js';
import type { Figures, Round } from '../weights/figures.js';
import { measure, type Plan } from '../weights/measure.js';
import { AT_A_STEP, description, POLICIES } from '../weights/policies.js';

/** Each with other requests. */
export const ROUNDS = [1, 2, 3] as const;

const PLAN: Omit<Plan, 'seed'> = {
  load: 0.75,
  loadAtStep: 0.6,
  rate: 20,
  warmUp: 240,
  measured: 420,
  patience: 60,
  policies: POLICIES,
  atAStep: AT_A_STEP,
};

const SHORT: Plan = {
  ...PLAN,
  seed: 9,
  warmUp: 30,
  measured: 60,
  policies: POLICIES.filter(({ name }) => name === 'wlc, perfect weights' || name === 'wrr, capacity'),
  atAStep: [],
};

function scenario(name: string, plan: Plan, judge: (round: Round) => void): Scenario {
  return {
    name,
    descriptions: [...plan.policies, ...plan.atAStep].map(description),
    onlyNamed: true,
    alone: true,
    limit: 1800,
    async run(check) {
      await check(`${plan.policies.length + plan.atAStep.length} policies under the same load`, async () => {
        const round = await measure(plan);
        for (const one of [...round.policies, ...round.step]) note(told(one));
        note(`the machine idled ${(round.idle * 100).toFixed(0)} % of its time`);
        writeFileSync(`${RESULTS}/${name}.json`, JSON.stringify(round));
        judge(round);
      });
    },
  };
}

/** The whole, in parts; what comes of it is judged with the page. */
export const weightsProof: readonly Scenario[] = [
  scenario('weights-proof', SHORT, ({ policies }) => {
    const [perfect, capacity] = policies as [Figures, Figures];
    assert.equal(perfect.lost, 0);
    assert.ok(perfect.requests > 1000 && capacity.requests === perfect.requests);
    // It has been overloaded from the start, and is relieved.
    assert.ok(capacity.weights[0]! < capacity.weights[3]!, capacity.weights.join(' '));
  }),
  ...ROUNDS.map(round =>
    scenario(`weights-proof-${round}`, { ...PLAN, seed: round }, ({ policies }) =>
      assert.equal(policies.length, POLICIES.length),
    ),
  ),
];

function told(one: Figures): string {
  const list = (values: readonly number[], digits: number): string =>
    values.map(value => value.toFixed(digits)).join(' ');
  return `${one.name}: mean ${one.mean.toFixed(0)}, p50 ${one.p50.toFixed(0)}, p99 ${one.p99.toFixed(0)} ms; ${one.lost} of ${one.requests} lost; shares ${list(one.shares, 3)}; busy ${list(one.busy, 2)}; weights ${list(one.weights, 0)}; sent late ${one.sentLate.toFixed(0)} ms, answered late ${one.answeredLate.toFixed(1)} ms`;
}
