import { oscillation, recovery, served } from './measure.js';
import { controlled, perfect } from './policies.js';
import { type Policy, run, type Setting } from './run.js';
import type { Scenario } from './scenarios.js';

/** What a scenario came to: ratios to perfect weights under the same scheduler. */
export interface Verdict {
  readonly mean: number;
  readonly p99: number;
  /** Of 1. */
  readonly lost: number;
  /** Milliseconds; 0 where nothing changes. */
  readonly recovery: number;
  readonly oscillation: number;
  readonly writesAnHour: number;
  readonly holds: boolean;
}

/** Runs a scenario with each seed, with the production controller and with perfect weights. */
export function judge(
  { setting, target, change = 0, knownAtStart }: Scenario,
  seeds: readonly number[],
): Verdict {
  const all = seeds.map(seed => {
    const seeded: Setting = { ...setting, seed };
    const best = run(seeded, perfect(seeded));
    const known = knownAtStart ? { configured: perfect(seeded).start } : {};
    const policy: Policy = controlled(seeded, 'capacity', known);
    const own = run(seeded, policy);
    const [ideal, real] = [served(best, change), served(own, change)];
    const settled = Math.ceil(setting.warmUp / setting.period);
    return {
      mean: real.mean / ideal.mean,
      p99: real.p99 / ideal.p99,
      lost: real.lost,
      recovery: change > 0 && target.recovery !== undefined ? recovery(own, best, change) : 0,
      oscillation: change > 0 ? 0 : oscillation(own, settled),
      writesAnHour: (own.writes * 3_600_000) / setting.length,
    };
  });
  const mean = (key: keyof (typeof all)[number]): number =>
    all.reduce((sum, one) => sum + one[key], 0) / all.length;
  const found = {
    mean: mean('mean'),
    p99: mean('p99'),
    lost: mean('lost'),
    recovery: mean('recovery'),
    oscillation: mean('oscillation'),
    writesAnHour: mean('writesAnHour'),
  };
  const { mean: mostMean = Infinity, p99, recovery: longest = Infinity } = target;
  return { ...found, holds: found.mean <= mostMean && found.p99 <= p99 && found.recovery <= longest };
}
