import { Director } from './director.js';
import { Heap } from './heap.js';
import type { Destination, Scheduling } from './kernel.js';
import { Machine, type Power } from './machine.js';
import type { Policy, Seen } from './policy.js';
import { Random } from './random.js';

/** What befalls a machine, at a time. */
export interface Event {
  readonly at: number;
  readonly server: number;
  readonly power?: Power;
  /** Of 1: what others take of it from then on. */
  readonly taken?: number;
  /** It was not in the table before. */
  readonly joins?: boolean;
  readonly mute?: boolean;
  /** Its counters begin anew. */
  readonly reboot?: boolean;
}

export interface Setting {
  readonly machines: readonly Power[];
  readonly scheduler: Scheduling;
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
  /** Whether agents tell the time of what limits a machine, as its application knows it, and not of its processors. */
  readonly tellsOwnTime?: boolean;
  readonly seed: number;
}

/** Without the beginning that is left out, but for the shares. */
export interface Result {
  /** Milliseconds, in the order in which the requests ended. */
  readonly times: Float64Array;
  readonly endings: Float64Array;
  readonly requests: number;
  readonly lost: number;
  /** Of single servers' weights. */
  readonly writes: number;
  /** Of weights in shares, at each poll. */
  readonly shares: readonly (readonly number[])[];
}

/** TCP_FIN_WAIT of the kernel, milliseconds (ip_vs_proto_tcp.c). */
const FIN_WAIT = 120_000;
/** Requests that a server holds before it refuses more. */
const ROOM = 1024;

/**
 * Open loop: requests come whether or not the earlier ones are done.
 *
 * @param policies of one director each: requests come to all of them alike
 */
export function run(setting: Setting, ...policies: readonly Policy[]): Result {
  const { machines: powers, length, warmUp, period, idle = 0 } = setting;
  const [arrivals, works, losses, ways] = [1, 2, 3, 4].map(
    salt => new Random(setting.seed * 7919 + salt),
  ) as [Random, Random, Random, Random];
  const machines = powers.map(power => new Machine(power, ROOM));
  const boots = powers.map(() => ({ number: 1, since: 0, busy: 0, mute: false }));
  const events = (setting.events ?? []).toSorted((a, b) => a.at - b.at);
  const absent = new Set(events.flatMap(({ joins, server }) => (joins ? server : [])));
  const directors = policies.map(policy => new Director(setting.scheduler, policy, powers, absent));
  const capacity = powers.reduce((sum, { speed, cpus }) => sum + speed * cpus, 0);
  const gap = setting.work / (setting.load * capacity);
  const ends = new Heap<{ readonly to: Destination; readonly ends: 'idle' | 'gone' }>();
  const begun: { readonly at: number; readonly to: Destination }[] = [];
  const times: number[] = [];
  const endings: number[] = [];
  const shares: number[][] = [];
  let [lost, requests, job, early] = [0, 0, 0, 0];
  let [arrival, poll, event] = [arrivals.exponential(gap), period, 0];

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
      const { at: began, to } = begun[ended]!;
      if (began >= warmUp) {
        times.push(now - began);
        endings.push(now);
      }
      if (idle > 0) ends.push(now + idle, { to, ends: 'idle' });
      else close(to, now);
    } else if (now === ends.rank) {
      const { to, ends: what } = ends.pop()!;
      if (what === 'idle') close(to, now);
      else to.inactive--;
    } else if (now === arrival) {
      arrival = now + arrivals.exponential(gap);
      const work = setting.heavy ? works.heavy(setting.work) : works.exponential(setting.work);
      const director = directors.length > 1 ? Math.floor(ways.next() * directors.length) : 0;
      const chosen = directors[director]!.pick();
      if (now >= warmUp) requests++;
      if (chosen >= 0 && machines[chosen]!.take(now, work, job)) {
        const to = directors[director]!.table[chosen]!;
        begun[job] = { at: now, to };
        to.active++;
        to.connections++;
      } else if (now >= warmUp) lost++;
      job++;
    } else {
      poll = now + period;
      for (const machine of machines) machine.advance(now);
      if (losses.next() >= (setting.lostPolls ?? 0)) {
        for (const one of directors) one.write(one.policy.poll({ now, period, servers: seen(now, one) }));
      }
      shares.push(directors[0]!.shares());
      if (now < warmUp) early = written();
    }
  }
  return {
    times: Float64Array.from(times),
    endings: Float64Array.from(endings),
    requests,
    lost,
    writes: written() - early,
    shares,
  };

  function written(): number {
    return directors.reduce((sum, one) => sum + one.writes, 0);
  }

  function close(to: Destination, now: number): void {
    to.active--;
    to.inactive++;
    ends.push(now + FIN_WAIT, { to, ends: 'gone' });
  }

  function told({ busy, processorsBusy }: Machine): number {
    return setting.tellsOwnTime ? busy : processorsBusy;
  }

  function seen(now: number, { table }: Director): Seen[] {
    return machines.map((machine, index) => {
      const { number, since, busy, mute } = boots[index]!;
      return {
        power: machine.power,
        destination: { ...table[index]! },
        isThere: !absent.has(index),
        busy: mute ? undefined : told(machine) - busy,
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
    if (one.taken !== undefined) machine.taken = one.taken;
    if (one.mute !== undefined) boot.mute = one.mute;
    if (one.reboot) Object.assign(boot, { number: boot.number + 1, since: now, busy: told(machine) });
    if (one.joins) absent.delete(one.server);
    const powers = machines.map(({ power, taken }, index) => ({
      ...power,
      speed: absent.has(index) ? 0 : power.speed * (1 - taken),
    }));
    for (const director of directors) {
      if (one.joins) director.join(one.server);
      director.write(director.policy.know?.(powers));
    }
  }
}
