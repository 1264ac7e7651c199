import { oscillation, recovery, served } from './measure.js';
import { controlled, perfect } from './policies.js';
import type { Policy } from './policy.js';
import { run, type Setting } from './run.js';
import type { Scenario } from './scenarios.js';

/**
 * What a scenario came to: ratios to perfect weights under the same scheduler. Where something changes these are weights
 * that become right at that moment, as an operator could do who knows all.
 */
export interface Verdict {
  readonly mean: number;
  readonly p99: number;
  /**
   * The p99 to that of weights that were right long before a change: under wlc those that become so at once have it flood
   * the server whose weight rises until the connections that it has ended, and which the kernel still counts, are as many
   * as its share of them.
   */
  readonly p99Settled?: number;
  /** Of 1. */
  readonly lost: number;
  /** Milliseconds; 0 where nothing changes. */
  readonly recovery: number;
  readonly oscillation: number;
  readonly writesAnHour: number;
  /** Targets that it is above. */
  readonly missed: readonly Key[];
}

const KEYS = ['mean', 'p99', 'recovery', 'oscillation', 'writesAnHour'] as const;
type Key = (typeof KEYS)[number];

/** Milliseconds after which the kernel has forgotten what was before a change. */
const SETTLING = 600_000;

/** The same requests, but the change after which they are judged comes long before. */
export function settled(setting: Setting, change: number): Setting {
  if (change === 0) return setting;
  const { events = [] } = setting;
  return {
    ...setting,
    events: events.map(one => (one.at === change ? { ...one, at: one.at - SETTLING } : one)),
  };
}

/** Runs a scenario with each seed, with the production controller and with perfect weights. */
export function judge(
  { setting, target, change = 0, knownAtStart, directors = 1 }: Scenario,
  seeds: readonly number[],
): Verdict {
  const all = seeds.map(seed => {
    const seeded: Setting = { ...setting, seed };
    const each = (policy: () => Policy): Policy[] => Array.from({ length: directors }, policy);
    const known = knownAtStart ? { configured: perfect(seeded).start } : {};
    const [best, own] = [
      run(seeded, ...each(() => perfect(seeded))),
      run(seeded, ...each(() => controlled(seeded, 'capacity', known))),
    ];
    const [ideal, real] = [served(best, change), served(own, change)];
    const long = change > 0 ? run(settled(seeded, change), ...each(() => perfect(seeded))) : best;
    const skip = Math.ceil(setting.warmUp / setting.period);
    return {
      mean: real.mean / ideal.mean,
      p99: real.p99 / ideal.p99,
      p99Settled: real.p99 / served(long, change).p99,
      lost: real.lost,
      recovery: change > 0 && target.recovery !== undefined ? recovery(own, best, change) : 0,
      oscillation: change > 0 ? 0 : oscillation(own, skip),
      writesAnHour: (own.writes * 3_600_000) / (setting.length - setting.warmUp) / directors,
    };
  });
  const mean = (key: keyof (typeof all)[number]): number =>
    all.reduce((sum, one) => sum + one[key], 0) / all.length;
  const found = {
    mean: mean('mean'),
    p99: mean('p99'),
    ...(change > 0 ? { p99Settled: mean('p99Settled') } : {}),
    lost: mean('lost'),
    recovery: mean('recovery'),
    oscillation: mean('oscillation'),
    writesAnHour: mean('writesAnHour'),
  };
  return { ...found, missed: KEYS.filter(key => found[key] > (target[key] ?? Infinity)) };
}
