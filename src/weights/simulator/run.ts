import { Heap } from './heap.js';
import { type Destination, rr, type Scheduler, sed, wlc, wrr } from './kernel.js';
import { Machine, type Power } from './machine.js';
import { Random } from './random.js';

/** Who sets the weights. */
export interface Policy {
  /** Before the first connection. */
  readonly start: (machines: readonly Power[]) => readonly number[];
  /** At each poll; undefined: they stay. */
  readonly poll: (view: View) => readonly number[] | undefined;
  /** At a change of the machines, for whoever knows all. */
  readonly know?: (machines: readonly Power[]) => readonly number[];
}

/** What can be seen at a poll. */
export interface View {
  readonly now: number;
  readonly period: number;
  readonly servers: readonly Seen[];
}

export interface Seen {
  readonly power: Power;
  readonly destination: Readonly<Destination>;
  /** Of all processors, since the boot; undefined where the agent is silent. */
  readonly busy: number | undefined;
  readonly boot: number;
  readonly up: number;
  readonly load1: number;
  readonly running: number;
}

/** What befalls a machine, at a time. */
export interface Event {
  readonly at: number;
  readonly server: number;
  readonly power?: Power;
  readonly strangers?: number;
  readonly mute?: boolean;
  /** Its counters begin anew. */
  readonly reboot?: boolean;
}

export interface Setting {
  readonly machines: readonly Power[];
  readonly scheduler: 'rr' | 'wrr' | 'wlc' | 'sed';
  /** Milliseconds of work of a request on a processor of speed 1. */
  readonly work: number;
  readonly heavy?: boolean;
  /** Of all that the machines could do at the start. */
  readonly load: number;
  /** Milliseconds: of the whole, of what is left out at its beginning, between polls. */
  readonly length: number;
  readonly warmUp: number;
  readonly period: number;
  /** Milliseconds that a connection stays open and idle after its request. */
  readonly idle?: number;
  readonly events?: readonly Event[];
  /** Of 1: polls that nothing comes of. */
  readonly lostPolls?: number;
  readonly seed: number;
}

export interface Result {
  /** Milliseconds, in the order in which the requests ended. */
  readonly times: Float64Array;
  readonly endings: Float64Array;
  readonly requests: number;
  readonly lost: number;
  readonly writes: number;
  /** Of weights in shares, at each poll. */
  readonly shares: readonly (readonly number[])[];
}

/** TCP_FIN_WAIT of the kernel, milliseconds (ip_vs_proto_tcp.c). */
const FIN_WAIT = 120_000;
/** Requests that a server holds before it refuses more. */
const ROOM = 1024;
const SCHEDULERS: Readonly<Record<Setting['scheduler'], (servers: readonly Destination[]) => Scheduler>> = {
  rr,
  wrr,
  wlc,
  sed,
};

/** Open loop: requests come whether or not the earlier ones are done. */
export function run(setting: Setting, policy: Policy): Result {
  const { machines: powers, length, warmUp, period, idle = 0 } = setting;
  const [arrivals, works, losses] = [1, 2, 3].map(salt => new Random(setting.seed * 7919 + salt)) as [
    Random,
    Random,
    Random,
  ];
  const machines = powers.map(power => new Machine(power, ROOM));
  const boots = powers.map(() => ({ number: 1, since: 0, busy: 0, mute: false }));
  const table: Destination[] = policy
    .start(powers)
    .map(weight => ({ weight, active: 0, inactive: 0, connections: 0 }));
  const scheduler = SCHEDULERS[setting.scheduler](table);
  const capacity = powers.reduce((sum, { speed, cpus }) => sum + speed * cpus, 0);
  const gap = setting.work / (setting.load * capacity);
  const ends = new Heap<{ readonly server: number; readonly ends: 'idle' | 'gone' }>();
  const begun: number[] = [];
  const times: number[] = [];
  const endings: number[] = [];
  const shares: number[][] = [];
  const events = (setting.events ?? []).toSorted((a, b) => a.at - b.at);
  let [lost, requests, writes, job] = [0, 0, 0, 0];
  let [arrival, poll, event] = [arrivals.exponential(gap), period, 0];

  const write = (weights: readonly number[] | undefined): void => {
    if (!weights) return;
    let isNew = false;
    for (const [index, weight] of weights.entries()) {
      if (table[index]!.weight === weight) continue;
      table[index]!.weight = weight;
      isNew = true;
      writes++;
    }
    if (isNew) scheduler.changed();
  };

  for (;;) {
    let [done, server] = [Infinity, -1];
    for (const [index, machine] of machines.entries()) {
      const { next } = machine;
      if (next < done) [done, server] = [next, index];
    }
    const upcoming = events[event]?.at ?? Infinity;
    const now = Math.min(arrival, done, poll, ends.rank, upcoming);
    if (now > length) break;
    if (now === upcoming) {
      happen(events[event++]!, now);
    } else if (now === done) {
      const machine = machines[server]!;
      const ended = machine.finish(now);
      const began = begun[ended]!;
      if (began >= warmUp) {
        times.push(now - began);
        endings.push(now);
      }
      if (idle > 0) ends.push(now + idle, { server, ends: 'idle' });
      else close(server, now);
    } else if (now === ends.rank) {
      const { server: which, ends: what } = ends.pop()!;
      if (what === 'idle') close(which, now);
      else table[which]!.inactive--;
    } else if (now === arrival) {
      arrival = now + arrivals.exponential(gap);
      const work = setting.heavy ? works.heavy(setting.work) : works.exponential(setting.work);
      const chosen = scheduler.pick();
      if (now >= warmUp) requests++;
      begun[job] = now;
      if (chosen >= 0 && machines[chosen]!.take(now, work, job)) {
        table[chosen]!.active++;
        table[chosen]!.connections++;
      } else if (now >= warmUp) lost++;
      job++;
    } else {
      poll = now + period;
      for (const machine of machines) machine.advance(now);
      if (losses.next() >= (setting.lostPolls ?? 0)) write(policy.poll({ now, period, servers: seen(now) }));
      const sum = table.reduce((all, { weight }) => all + weight, 0);
      shares.push(table.map(({ weight }) => weight / sum));
    }
  }
  return {
    times: Float64Array.from(times),
    endings: Float64Array.from(endings),
    requests,
    lost,
    writes,
    shares,
  };

  function close(server: number, now: number): void {
    table[server]!.active--;
    table[server]!.inactive++;
    ends.push(now + FIN_WAIT, { server, ends: 'gone' });
  }

  function seen(now: number): Seen[] {
    return machines.map((machine, index) => {
      const { number, since, busy, mute } = boots[index]!;
      return {
        power: machine.power,
        destination: { ...table[index]! },
        busy: mute ? undefined : machine.busy - busy,
        boot: number,
        up: now - since,
        load1: machine.load1,
        running: machine.running,
      };
    });
  }

  function happen(one: Event, now: number): void {
    const machine = machines[one.server]!;
    const boot = boots[one.server]!;
    if (one.power) machine.change(now, one.power);
    machine.advance(now);
    if (one.strangers !== undefined) machine.strangers = one.strangers;
    if (one.mute !== undefined) boot.mute = one.mute;
    if (one.reboot) Object.assign(boot, { number: boot.number + 1, since: now, busy: machine.busy });
    write(policy.know?.(machines.map(({ power }) => power)));
  }
}
