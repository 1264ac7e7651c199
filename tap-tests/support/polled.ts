import type { ExecutionContext } from 'ava';
import { JOURNAL } from '../../src/state/paths.js';
import { servers } from './alerted.js';
import { KernelHost } from './kernel-host.js';

export const POLLED = `version: 1
polling: { schedule: '*/5 * * * * *', timeout: 2s }
hosts:
  web1: { address: 192.0.2.11, cpus: 1 }
  web2: { address: 192.0.2.12, agent: none }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wrr, servers: [ { host: web1, weight: 10 }, { host: web2, weight: 10 }, { address: 192.0.2.13, weight: 10 } ] }
  - { name: mail, address: 192.0.2.100, port: 25, scheduler: rr, servers: [ web1 ] }
  - { name: still, address: 192.0.2.100, port: 81, scheduler: wlc, law: static, servers: [ web1 ] }
  - { name: hashed, address: 192.0.2.100, port: 82, scheduler: sh, servers: [ web1 ] }
`;

/** What uptime(1) says on a host with this load. */
export function load(value: string): string {
  return ` 14:02:11 up 1 day, load average: ${value}, 1.10, 0.97\n`;
}

/** A director whose servers' agents say these texts, by address; the others refuse. They may be changed. */
export async function polled(
  t: ExecutionContext,
  said: Record<string, string>,
  description = POLLED,
): Promise<KernelHost> {
  const host = new KernelHost(t);
  host.time = Date.parse('2026-11-21T12:00:00Z');
  host.network = {
    hear: ({ address }) =>
      Promise.resolve(said[address] === undefined ? { silent: 'ECONNREFUSED' } : { text: said[address] }),
    connect: () => Promise.resolve(undefined),
    ask: () => Promise.resolve(undefined),
  };
  await host.applied(t, description);
  return host;
}

/** Polls at the moment, in a time that stands still. */
export async function pollOnce(t: ExecutionContext, host: KernelHost): Promise<string> {
  const { time } = host;
  const { exitCode, out, err } = await host.run('poll');
  t.is(exitCode, 0, err);
  t.notRegex(out, /another poll/);
  host.time = time;
  return out;
}

/** Servers in one service, whose agents count. Each poll is five seconds after the last. */
export const FARM = `version: 1
polling: { schedule: '*/5 * * * * *', timeout: 2s }
services:
  - { name: web, address: 192.0.2.100, port: 80, scheduler: wlc, slow_start: 90s, servers: [ 192.0.2.11, 192.0.2.12, 192.0.2.13 ] }
`;

/** By the last number of the address: so many connections a second while so busy, of 1, since this boot. */
type Work = Readonly<
  Record<number, { readonly rate: number; readonly busy: number; readonly boot?: string }>
>;

/** Speeds of 1, 2 and 4. */
export const WORK: Work = {
  11: { rate: 10, busy: 0.4 },
  12: { rate: 10, busy: 0.2 },
  13: { rate: 20, busy: 0.2 },
};

export class Farm {
  readonly said: Record<string, string> = {};
  readonly #sums = new Map<string, { connections: number; busy: number; time: number; at: number }>();
  /** What the next line of each agent is to be, in the place of its own. */
  readonly lies = new Map<number, string | undefined>();

  private constructor(
    private readonly t: ExecutionContext,
    readonly host: KernelHost,
  ) {}

  static async create(t: ExecutionContext, description = FARM): Promise<Farm> {
    const said: Record<string, string> = {};
    const host = await polled(t, said, description);
    const farm = new Farm(t, host);
    host.network = {
      ...host.network,
      hear: ({ address }) =>
        Promise.resolve(
          farm.said[address] === undefined ? { silent: 'EHOSTUNREACH' } : { text: farm.said[address] },
        ),
    };
    return farm;
  }

  /** So many polls. @returns the weights in the table, `11=36 12=73 13=146` */
  async polls(count: number, work: Work = WORK): Promise<string> {
    for (let n = 0; n < count; n++) {
      this.host.time += 5000;
      for (const [last, one] of Object.entries(work)) this.#work(Number(last), one);
      await pollOnce(this.t, this.host);
    }
    return servers(this.host);
  }

  /** The kernel has counted nothing, as after a boot. */
  forget(): void {
    for (const sum of this.#sums.values()) sum.connections = 0;
  }

  #work(last: number, { rate, busy, boot = 'a' }: Work[number]): void {
    const key = `${last} ${boot}`;
    const { time: at } = this.host;
    const sum = this.#sums.get(key) ?? {
      connections: this.#connections(last),
      busy: 0,
      time: 0,
      at: at - 5000,
    };
    sum.connections += rate * 5;
    sum.busy += busy * 5e6;
    sum.time += (at - sum.at) * 1000;
    sum.at = at;
    this.#sums.set(key, sum);
    const counters = `lvsctl/1 boot=${boot} t_us=${sum.time} cpus=1 busy_us=${sum.busy}\n`;
    const address = `192.0.2.${last}`;
    if (this.lies.has(last)) {
      const lie = this.lies.get(last);
      if (lie === undefined) delete this.said[address];
      else this.said[address] = lie;
    } else this.said[address] = `${load(busy.toFixed(2))}${counters}`;
    this.host.kernel.counted.set(`192.0.2.100:80 ${address}:80`, [sum.connections, 0, 0, 0, 0]);
  }

  #connections(last: number): number {
    return Math.max(
      0,
      ...[...this.#sums].filter(([key]) => key.startsWith(`${last} `)).map(([, one]) => one.connections),
    );
  }

  /** What the journal has of an event: its cause, and what it became. */
  journal(event: string): string[] {
    return this.host
      .text(JOURNAL)
      .trimEnd()
      .split('\n')
      .map(
        line =>
          JSON.parse(line) as { readonly event: string; readonly cause: string; readonly after?: string },
      )
      .filter(one => one.event === event)
      .map(({ cause, after }) => (after === undefined ? cause : `${cause}: ${after}`));
  }
}
