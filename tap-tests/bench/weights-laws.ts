import { equal, controlled, perfect } from '../../src/weights/simulator/policies.js';
import { idleByLoad, idleByProcessors, zhang } from '../../src/weights/simulator/baselines.js';
import { settled } from '../../src/weights/simulator/judge.js';
import { served, type Served } from '../../src/weights/simulator/measure.js';
import type { Policy } from '../../src/weights/simulator/policy.js';
import { type Result, run, type Setting } from '../../src/weights/simulator/run.js';
import type { Role } from './chart.js';

const MINUTE = 60_000;
/** Speeds 1:2:4:8, 50 ms of work, 0.8 of what they can do together. */
const SETTING: Omit<Setting, 'scheduler' | 'period'> = {
  machines: [1, 2, 4, 8].map(speed => ({ speed, cpus: 1 })),
  work: 50,
  load: 0.8,
  length: 60 * MINUTE,
  warmUp: 20 * MINUTE,
  seed: 11,
};

interface Way {
  readonly name: string;
  readonly role: Role;
  readonly scheduler: Setting['scheduler'];
  readonly policy: (setting: Setting) => Policy;
}

const WAYS: readonly Way[] = [
  { name: 'wlc, perfect weights', role: 'best', scheduler: 'wlc', policy: perfect },
  {
    name: 'wlc, capacity',
    role: 'ours',
    scheduler: 'wlc',
    policy: setting => controlled(setting, 'capacity'),
  },
  { name: 'wrr, perfect weights', role: 'best', scheduler: 'wrr', policy: perfect },
  {
    name: 'wrr, capacity',
    role: 'ours',
    scheduler: 'wrr',
    policy: setting => controlled(setting, 'capacity'),
  },
  {
    name: 'wlc, uptime',
    role: 'ours',
    scheduler: 'wlc',
    policy: setting => controlled(setting, 'uptime', { counters: false }),
  },
  {
    name: 'wrr, uptime',
    role: 'ours',
    scheduler: 'wrr',
    policy: setting => controlled(setting, 'uptime', { counters: false }),
  },
  { name: 'wlc, equal weights', role: 'other', scheduler: 'wlc', policy: () => equal },
  { name: 'rr', role: 'other', scheduler: 'rr', policy: () => equal },
  { name: 'wrr, idle share by load1', role: 'other', scheduler: 'wrr', policy: () => idleByLoad },
  { name: 'wrr, idle share by processor', role: 'other', scheduler: 'wrr', policy: idleByProcessors },
  { name: 'wrr, Zhang’s feedback', role: 'other', scheduler: 'wrr', policy: zhang },
];

/** What clients have of a way to set weights. */
export interface LawResult extends Served {
  readonly name: string;
  readonly role: Role;
  /** Milliseconds. */
  readonly period: number;
}

export function compareLaws(): LawResult[] {
  return [5000, MINUTE].flatMap(period =>
    WAYS.map(({ name, role, scheduler, policy }) => {
      const setting = { ...SETTING, scheduler, period };
      return { name, role, period, ...served(run(setting, policy(setting))) };
    }),
  );
}

export interface Course {
  readonly name: string;
  readonly role: Role;
  /** Seconds from the change, and the mean of a slice in milliseconds. */
  readonly points: readonly (readonly [number, number])[];
}

/** The largest server does half of what it did: the mean time of a request, in slices. */
export function coursesOfAStep(slice = 10_000): Course[] {
  const change = 30 * MINUTE;
  const setting: Setting = {
    ...SETTING,
    scheduler: 'wlc',
    period: 5000,
    load: 0.6,
    events: [{ at: change, server: 3, power: { speed: 4, cpus: 1 } }],
  };
  const known = perfect(setting).start;
  const drawn = (name: string, role: Role, result: Result, least: number): Course => ({
    name,
    role,
    points: Array.from({ length: 37 }, (_, n) => n - 6)
      .filter(n => n >= least)
      .map(n => {
        const from = change + n * slice;
        return [(n * slice) / 1000, served(result, from, from + slice).mean];
      }),
  });
  const old: Policy = { start: known, poll: () => undefined };
  const long = settled(setting, change);
  return [
    drawn('the old weights', 'other', run(setting, old), -6),
    drawn('perfect weights, long since', 'best', run(long, perfect(long)), 0),
    drawn('capacity', 'ours', run(setting, controlled(setting, 'capacity', { configured: known })), -6),
  ];
}
