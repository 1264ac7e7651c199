import type { Answer, Readiness } from '../../src/weights/answer.js';
import { control, type Outcome } from '../../src/weights/controller.js';
import {
  NOTHING_KNOWN,
  type Poll,
  type PolledService,
  type State,
  type Weighed,
} from '../../src/weights/poll.js';

/** One that has done so many requests a second while it was so busy, of 1. */
export interface BenchHost {
  readonly rate: number;
  readonly busy: number;
  readonly boot?: string;
  readonly silent?: boolean;
  readonly closed?: boolean;
  /** Its agent says what uptime(1) says, and nothing more. */
  readonly bare?: boolean;
  readonly active?: number;
  /** Of its own account, and of the description's. */
  readonly cpus?: number;
  readonly described?: number;
  readonly asks?: Readiness;
}

/** Speeds of 1 and 4. */
export const UNLIKE = { a: { rate: 20, busy: 0.8 }, b: { rate: 40, busy: 0.4 } };

/** A controller that is polled each five seconds, or as often as is said, in milliseconds. */
export class Bench {
  constructor(private readonly period = 5000) {}

  state: State = NOTHING_KNOWN;
  now = 0;
  readonly #sums = new Map<string, { connections: number; busy: number }>();

  /** Connections that a host has had. */
  done(host: string): number {
    return this.#sums.get(host)?.connections ?? 0;
  }

  poll(hosts: Readonly<Record<string, BenchHost>>, more: Partial<PolledService> = {}): Outcome {
    this.now += this.period;
    const answers: Poll['answers'] = new Map(
      Object.entries(hosts).flatMap(([host, one]) => {
        const answer = this.#answer(host, one);
        return one.silent ? [] : [[host, answer] as const];
      }),
    );
    const servers = Object.entries(hosts).map(([host, { closed = false, active = 0 }]) => {
      const { connections } = this.#sums.get(host)!;
      return { host, key: host, configured: 1, counted: { connections, active, isOpen: !closed } };
    });
    const service = { key: 'web', scheduler: 'wlc', law: 'capacity', servers, ...more } as const;
    const outcome = control(this.state, {
      now: this.now,
      period: this.period,
      answers,
      cpus: new Map(
        Object.entries(hosts).flatMap(([host, { described }]) =>
          described === undefined ? [] : [[host, described] as const],
        ),
      ),
      services: [service],
    });
    this.state = outcome.state;
    return outcome;
  }

  #answer(host: string, { rate, busy, boot = 'a', bare, asks, cpus = 1 }: BenchHost): Answer {
    const sum = this.#sums.get(host) ?? { connections: 0, busy: 0 };
    sum.connections += (rate * this.period) / 1000;
    sum.busy += busy * this.period * 1000;
    this.#sums.set(host, sum);
    if (asks) return { readiness: asks };
    if (bare) return { load: busy };
    return { load: busy, counters: { boot, time: this.now * 1000, cpus, busy: sum.busy } };
  }

  /** What became of each server in the last of so many polls. */
  servers(
    count: number,
    hosts: Readonly<Record<string, BenchHost>>,
    more: Partial<PolledService> = {},
  ): readonly Weighed[] {
    let outcome = this.poll(hosts, more);
    for (let n = 1; n < count; n++) outcome = this.poll(hosts, more);
    return outcome.services.get('web')!;
  }

  polls(
    count: number,
    hosts: Readonly<Record<string, BenchHost>>,
    more: Partial<PolledService> = {},
  ): readonly number[] {
    return this.servers(count, hosts, more).map(({ weight }) => weight);
  }
}
