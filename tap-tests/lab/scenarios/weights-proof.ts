import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { RESULTS, type Scenario } from '../harness.js';
import { note } from '../notes.js';
import type { Figures, Round } from '../weights/figures.js';
import { judgeRound } from '../weights/judge-round.js';
import { measure, type Plan } from '../weights/measure.js';
import { description, type SetName, SETS } from '../weights/policies.js';

/** Each with other requests. */
const ROUNDS = [1, 2, 3] as const;

type SetPlan = Omit<Plan, 'seed'>;

/** Equal weights would overload a server before anything is known: so it is calm at first. */
const SETTLED = {
  load: 0.75,
  rate: 12,
  calm: 180,
  warmUp: 300,
  measured: 360,
  patience: 60,
  isSlowed: false,
};
const PLANS: Readonly<Record<SetName, SetPlan>> = {
  ours: { ...SETTLED, policies: SETS.ours },
  others: { ...SETTLED, policies: SETS.others },
  step: { ...SETTLED, load: 0.6, calm: 0, warmUp: 120, measured: 300, isSlowed: true, policies: SETS.step },
};
const SHORT: Plan = {
  ...PLANS.step,
  seed: 9,
  // Enough for a hundred completions of the slowest.
  rate: 20,
  warmUp: 60,
  measured: 80,
  patience: 20,
  policies: SETS.step.slice(0, 2),
};

function scenario(name: string, plan: Plan, judge: (round: Round) => void): Scenario {
  return {
    name,
    descriptions: plan.policies.map(description),
    onlyNamed: true,
    alone: true,
    limit: 1800,
    async run(check) {
      await check(
        `${plan.policies.length} policies, each with a cluster of its own, are measured`,
        async () => {
          const round = await measure(plan);
          for (const one of round.policies) note(told(one));
          note(`the machine idled ${(round.idle * 100).toFixed(0)} % of its time`);
          writeFileSync(`${RESULTS}/${name}.json`, JSON.stringify(round));
          judge(round);
        },
      );
    },
  };
}

/** How a set is measured. @param seed that of the round */
export function planOf(set: SetName, seed: number): Plan {
  return { ...PLANS[set], seed };
}

/** The scenarios of a set, one for each round, whose results have their names. */
export function namesOf(set: SetName): string[] {
  return ROUNDS.map(round => `weights-proof-${set}-${round}`);
}

/** A short one, and the whole, in parts; what comes of that is judged with the page. */
export const weightsProof: readonly Scenario[] = [
  scenario('weights-proof', SHORT, ({ policies }) => {
    const [known, capacity] = policies as [Figures, Figures];
    assert.deepEqual([known.lost, capacity.lost], [0, 0]);
    assert.deepEqual(known.weights, [1, 2, 4, 4]);
    // The fastest server's share falls from what was described.
    const [slowest, , , fastest] = capacity.weights as [number, number, number, number];
    assert.ok(fastest < 8 * slowest, capacity.weights.join(' '));
  }),
  ...(Object.keys(PLANS) as SetName[]).flatMap(set =>
    namesOf(set).map((name, index) =>
      scenario(name, planOf(set, ROUNDS[index]!), ({ policies }) => judgeRound(set, policies)),
    ),
  ),
];

function told(one: Figures): string {
  const list = (values: readonly number[], digits: number): string =>
    values.map(value => value.toFixed(digits)).join(' ');
  return `${one.name}: mean ${one.mean.toFixed(0)}, p50 ${one.p50.toFixed(0)}, p99 ${one.p99.toFixed(0)} ms; ${one.lost} of ${one.requests} lost; shares ${list(one.shares, 3)}; busy ${list(one.busy, 2)}; weights ${list(one.weights, 0)}; sent late ${one.sentLate.toFixed(0)} ms, answered late ${one.answeredLate.toFixed(1)} ms`;
}
