import type { Power } from './machine.js';
import type { Event, Setting } from './run.js';

/** One question to the simulator. */
export interface Scenario {
  readonly name: string;
  readonly setting: Omit<Setting, 'seed'>;
  /** Used to choose constants: what is said of it is no judgement. */
  readonly tuned: boolean;
  /** Milliseconds at which something changes, after which it is judged. */
  readonly change?: number;
  /** At most, as a ratio to perfect weights under the same scheduler. */
  readonly target: {
    readonly mean?: number;
    readonly p99: number;
    readonly recovery?: number;
    readonly oscillation?: number;
    readonly writesAnHour?: number;
  };
  /** Configured as the machines are, at the start. */
  readonly knownAtStart?: boolean;
  /** That share the requests, and each poll all agents; else one. */
  readonly directors?: number;
}

const MINUTE = 60_000;
const unlike = (...speeds: readonly number[]): Power[] => speeds.map(speed => ({ speed, cpus: 1 }));
const FOUR = unlike(1, 2, 4, 8);
const SIXTEEN: readonly Power[] = [
  ...unlike(1, 1, 1.5, 2, 2, 3, 4, 6),
  ...[1, 1, 2, 2].map(speed => ({ speed, cpus: 4 })),
  ...[1, 1.5, 2, 3].map(speed => ({ speed, cpus: 2 })),
];
/** Unlike disks limit them; a request takes the processors as long on all of them. */
const DISKS: readonly Power[] = FOUR.map(({ speed, cpus }) => ({ speed, cpus, processorTime: 0.1 }));
const USUAL = { machines: FOUR, work: 50, load: 0.8, length: 60 * MINUTE, warmUp: 20 * MINUTE };
const POLLS = [5000, MINUTE] as const;
const SCHEDULERS = ['wlc', 'wrr'] as const;
type Balanced = (typeof SCHEDULERS)[number];

/** Where nothing changes weights are to rest: at most, for four servers. */
const REST = { oscillation: 0.05, writesAnHour: 40 };

const text = (period: number): string => `${period / 1000} s`;

function steady(scheduler: Balanced, load: number, period: number): Scenario {
  const most = scheduler === 'wlc' ? 1.03 : 1.05;
  return {
    name: `${scheduler}, load ${load}, polled every ${text(period)}`,
    setting: { ...USUAL, scheduler, load, period },
    tuned: load === 0.8,
    target: { mean: most, p99: most, ...REST },
  };
}

function many(scheduler: Balanced, period: number): Scenario {
  const most = scheduler === 'wlc' ? 1.05 : 1.1;
  return {
    name: `16 mixed servers, ${scheduler}, ${text(period)}`,
    setting: { ...USUAL, machines: SIXTEEN, scheduler, period },
    tuned: false,
    target: { mean: most, p99: most },
  };
}

const STEP = 30 * MINUTE;

/** The largest server does half of what it did: 0.6 of the load becomes 0.82. */
function halved(scheduler: Balanced, period: number, seconds: number | undefined, most: number): Scenario {
  const events: Event[] = [{ at: STEP, server: 3, power: { speed: 4, cpus: 1 } }];
  return {
    name: `the largest server halved, ${scheduler}, ${text(period)}`,
    setting: { ...USUAL, scheduler, period, load: 0.6, events },
    tuned: period === 5000,
    change: STEP,
    target: { p99: most, ...(seconds === undefined ? {} : { recovery: seconds * 1000 }) },
    knownAtStart: true,
  };
}

function odd(name: string, more: Partial<Setting>, p99: number, change?: number): Scenario {
  return {
    name,
    setting: { ...USUAL, scheduler: 'wlc', period: 5000, ...more },
    tuned: false,
    ...(change === undefined ? {} : { change }),
    target: { p99, ...(change === undefined ? REST : {}) },
  };
}

export const SCENARIOS: readonly Scenario[] = [
  ...SCHEDULERS.flatMap(scheduler =>
    [0.7, 0.8, 0.9].flatMap(load => POLLS.map(period => steady(scheduler, load, period))),
  ),
  ...SCHEDULERS.flatMap(scheduler => POLLS.map(period => many(scheduler, period))),
  halved('wlc', 5000, 30, 1.1),
  halved('wlc', MINUTE, 30, 1.1),
  halved('wrr', 5000, 60, 1.15),
  odd(
    'an agent mute from the 25th minute on',
    { events: [{ at: 25 * MINUTE, server: 2, mute: true }] },
    1.02,
    25 * MINUTE,
  ),
  odd('works of a heavy tail', { heavy: true }, 1.1),
  // How fast it is learned how much works vary.
  { ...odd('works of a heavy tail, wrr', { heavy: true, scheduler: 'wrr' }, 1.1), tuned: true },
  odd(
    'unlike processors',
    {
      machines: [
        { speed: 1, cpus: 8 },
        { speed: 4, cpus: 2 },
        { speed: 2, cpus: 1 },
        { speed: 1, cpus: 1 },
      ],
    },
    1.05,
  ),
  odd('a third of the polls lost', { lostPolls: 0.33 }, 1.05),
  odd(
    'an agent begins anew every five minutes',
    { events: Array.from({ length: 11 }, (_, n) => ({ at: (n + 1) * 5 * MINUTE, server: 3, reboot: true })) },
    1.05,
  ),
  ...SCHEDULERS.map(scheduler =>
    odd(
      `others take half of the largest server for 15 minutes, ${scheduler}`,
      {
        scheduler,
        load: 0.6,
        events: [
          { at: STEP, server: 3, taken: 0.5 },
          { at: STEP + 15 * MINUTE, server: 3, taken: 0 },
        ],
      },
      scheduler === 'wlc' ? 1.1 : 1.15,
      STEP,
    ),
  ),
  ...SCHEDULERS.map(scheduler =>
    odd(
      `a server joins cold, ${scheduler}`,
      { scheduler, load: 0.6, events: [{ at: STEP, server: 2, joins: true }] },
      scheduler === 'wlc' ? 1.1 : 1.15,
      STEP,
    ),
  ),
  ...SCHEDULERS.map(scheduler => ({
    ...odd(
      `two directors share the requests, ${scheduler}`,
      { scheduler },
      scheduler === 'wlc' ? 1.03 : 1.05,
    ),
    directors: 2,
  })),
  odd('disks are the limit, agents tell of them', { machines: DISKS, tellsOwnTime: true }, 1.05),
  odd('disks are the limit, agents tell of processors', { machines: DISKS }, 1.05),
  odd('connections idle for 15 s, wrr', { idle: 15_000, scheduler: 'wrr' }, 1.1),
  odd('connections idle for 15 s', { idle: 15_000 }, 1.1),
];
