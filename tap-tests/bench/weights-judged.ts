import { judge, type Verdict } from '../../src/weights/simulator/judge.js';
import { SCENARIOS, type Scenario } from '../../src/weights/simulator/scenarios.js';

/** None of them was looked at while constants were chosen. */
export const FRESH_SEEDS = [101, 102, 103] as const;

export interface Judged {
  readonly name: string;
  /** Whether constants were chosen by it: then it says nothing about others. */
  readonly isTuned: boolean;
  readonly target: Scenario['target'];
  readonly verdict: Verdict;
}

/** Every scenario with seeds that nobody has tuned by. @param told is called before each */
export function judgeAll(seeds: readonly number[], told: (name: string) => void): Judged[] {
  return SCENARIOS.map(scenario => {
    told(scenario.name);
    const { name, tuned, target } = scenario;
    return { name, isTuned: tuned, target, verdict: judge(scenario, seeds) };
  });
}

const HEAD = [
  '',
  'scenario',
  'mean',
  'p99',
  'at most',
  'p99, settled',
  'recovery',
  'swing',
  'writes an hour',
];
const RULE = [':---', ':---', '---:', '---:', '---:', '---:', '---:', '---:', '---:'];

export function judgedTable(all: readonly Judged[]): string {
  return [HEAD, RULE, ...all.map(row)].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function row({ name, target, verdict }: Judged): string[] {
  const { mean, p99, p99Settled, recovery, oscillation, writesAnHour, missed } = verdict;
  const most = target.mean === undefined ? `p99 ${target.p99}` : `${target.p99}`;
  const { recovery: longest } = target;
  const cell = (key: 'oscillation' | 'writesAnHour', text: string): string =>
    missed.includes(key) ? `${text} (at most ${target[key]})` : text;
  return [
    missed.length === 0 ? 'pass' : '**FAIL**',
    name,
    mean.toFixed(2),
    p99.toFixed(2),
    most,
    p99Settled?.toFixed(2) ?? '',
    longest === undefined ? '' : `${(recovery / 1000).toFixed(0)} s (at most ${longest / 1000} s)`,
    oscillation === 0 ? '' : cell('oscillation', oscillation.toFixed(3)),
    cell('writesAnHour', writesAnHour.toFixed(0)),
  ];
}
