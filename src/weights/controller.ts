import type { SchedulerName } from '../cluster/scheduler.js';
import type { Law } from '../cluster/service.js';
import type { Answer } from './answer.js';
import { CONSTANTS } from './constants.js';
import { type Balance, capacityOf, type Estimate, learn } from './estimator.js';
import { guarded, isWorthWriting, type Limit } from './guard.js';
import { type Basis, factors, median, type Signal } from './laws.js';
import { integers, type Kind } from './quantiser.js';

/** What the director has counted of one server of a service. */
export interface Counted {
  /** Since it came into the table. */
  readonly connections: number;
  readonly active: number;
  /** Whether the kernel gives it new connections. */
  readonly isOpen: boolean;
}

/** A server of a service, as a poll finds it. */
export interface Polled {
  /** Which of the hosts it is on. */
  readonly host: string;
  readonly key: string;
  readonly configured: number;
  /** Absent where it is not in the table. */
  readonly counted?: Counted | undefined;
  /** Milliseconds to a connection, where the law asks for it. */
  readonly latency?: number | undefined;
}

export interface PolledService {
  readonly key: string;
  readonly scheduler: SchedulerName;
  readonly law: Law;
  readonly servers: readonly Polled[];
}

export interface Poll {
  /** Milliseconds of a clock that never steps. */
  readonly now: number;
  /** Of the schedule, milliseconds. */
  readonly period: number;
  /** What each host's agent said; absent where it was silent or said nothing that is understood. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** For agents that do not say. */
  readonly cpus: ReadonlyMap<string, number>;
  readonly services: readonly PolledService[];
}

interface HostState {
  readonly heard: number;
  readonly estimates: Partial<Record<Balance, Estimate>>;
}

interface ServerState {
  readonly factor: number;
  /** The integer in force. */
  readonly weight: number;
  readonly counted?: Counted | undefined;
}

/** What a controller keeps from poll to poll: plain data. */
export interface State {
  readonly hosts: Readonly<Record<string, HostState>>;
  /** By service and server. */
  readonly servers: Readonly<Record<string, Readonly<Record<string, ServerState>>>>;
}

export const NOTHING_KNOWN: State = { hosts: {}, servers: {} };

/** Why a weight is what it is. */
export interface Weighed {
  readonly key: string;
  readonly weight: number;
  readonly changed: boolean;
  readonly basis: Basis;
  /** Completions a second of the host when it is wholly busy. */
  readonly capacity?: number;
  readonly load?: number;
  /** What the law asked for, as a factor of the configured weight. */
  readonly wanted?: number;
  readonly factor: number;
  readonly limits: readonly Limit[];
  /** Milliseconds since its agent answered; absent where it never did. */
  readonly silent?: number;
}

export interface Outcome {
  readonly state: State;
  readonly services: ReadonlyMap<string, readonly Weighed[]>;
}

const KINDS: Readonly<Partial<Record<SchedulerName, Kind>>> = { wrr: 'turns', mh: 'table' };

/** How the kernel takes a scheduler's weights. */
export function kindOf(scheduler: SchedulerName): Kind {
  return KINDS[scheduler] ?? 'connections';
}

/** One poll's work: what is known of every host, and the weight of every server. Changes nothing but its result. */
export function control(old: State, poll: Poll): Outcome {
  const hosts = hear(old, poll);
  const servers: Record<string, Record<string, ServerState>> = {};
  const services = new Map<string, readonly Weighed[]>();
  for (const service of poll.services) {
    const weighed = weigh(service, old, hosts, poll);
    services.set(service.key, weighed);
    servers[service.key] = Object.fromEntries(
      weighed.map(({ key, factor, weight }, index) => [
        key,
        { factor, weight, counted: service.servers[index]!.counted },
      ]),
    );
  }
  return { state: { hosts, servers }, services };
}

function hear(old: State, { now, answers, services }: Poll): Record<string, HostState> {
  const hosts: Record<string, HostState> = {};
  const places = new Map<string, Place[]>();
  for (const service of services)
    for (const server of service.servers)
      places.set(server.host, [...(places.get(server.host) ?? []), { service, server }]);
  for (const [host, all] of places) {
    const known = old.hosts[host];
    const answer = answers.get(host);
    if (!answer) {
      if (known) hosts[host] = known;
      continue;
    }
    const { counters } = answer;
    if (!counters) {
      hosts[host] = { heard: now, estimates: {} };
      continue;
    }
    const completions = completionsOf(all, old);
    const estimates: Partial<Record<Balance, Estimate>> = {};
    for (const { service } of all) {
      const balance = kindOf(service.scheduler) === 'turns' ? 'turns' : 'connections';
      estimates[balance] ??= learn(known?.estimates[balance], counters, completions, balance);
    }
    hosts[host] = { heard: now, estimates };
  }
  return hosts;
}

type Place = { readonly service: PolledService; readonly server: Polled };

/** What a host has done for all its services; undefined where that, or why it was busy, is not known. */
function completionsOf(places: readonly Place[], old: State): number | undefined {
  let sum = 0;
  let isOpen = false;
  for (const { service, server } of places) {
    const { counted } = server;
    const before = old.servers[service.key]?.[server.key]?.counted;
    if (!counted && !before) continue;
    // One of the two has begun anew.
    if (!counted || !before || counted.connections < before.connections) return undefined;
    sum += counted.connections - before.connections - (counted.active - before.active);
    isOpen ||= before.isOpen;
  }
  return isOpen ? sum : undefined;
}

function weigh(
  service: PolledService,
  old: State,
  hosts: Readonly<Record<string, HostState>>,
  { now, period, answers, cpus }: Poll,
): Weighed[] {
  const kind = kindOf(service.scheduler);
  const balance = kind === 'turns' ? 'turns' : 'connections';
  const before = service.servers.map(({ key }) => old.servers[service.key]?.[key]);
  const signals = service.servers.map((server, index): Signal => {
    const answer = answers.get(server.host);
    const estimate = hosts[server.host]?.estimates[balance];
    return {
      configured: server.configured,
      before: before[index]?.factor ?? 1,
      capacity: answer && estimate && capacityOf(estimate),
      load: answer?.load,
      cpus: answer?.counters?.cpus ?? cpus.get(server.host) ?? 1,
      share: answer?.share,
      latency: server.latency,
    };
  });
  const wanted = factors(service.law, signals);
  const silent = service.servers.map(({ host, latency }) => {
    if (service.law === 'static' || isByLatency(service.law))
      return service.law === 'static' || latency !== undefined ? 0 : undefined;
    const heard = hosts[host]?.heard;
    return heard === undefined ? undefined : Math.max(0, now - heard);
  });
  const safe = guarded(
    service.servers.map((_, index) => ({
      before: before[index]?.factor ?? 1,
      wanted: wanted[index]!.factor,
      silent: silent[index],
    })),
    period,
  );
  const spared = kind === 'turns' ? backlog(service, signals, period) : service.servers.map(() => 1);
  const real = service.servers.map(
    ({ configured }, index) => configured * safe[index]!.factor * spared[index]!,
  );
  const current = before.map((one, index) => one?.weight ?? service.servers[index]!.configured);
  const isWrong = isWorthWriting(current, real, HYSTERESIS[kind]);
  const next = isWrong ? integers(real, kind) : current;
  return service.servers.map((server, index) => {
    const { factor, limits } = safe[index]!;
    const { capacity, load } = signals[index]!;
    const ask = wanted[index]!;
    const sparing = spared[index]! < 1 ? (['backlog'] as const) : [];
    return {
      key: server.key,
      weight: next[index]!,
      changed: next[index] !== current[index],
      basis: ask.basis,
      ...(capacity === undefined ? {} : { capacity: capacity * 1000 }),
      ...(load === undefined ? {} : { load }),
      ...(ask.factor === undefined ? {} : { wanted: ask.factor }),
      factor,
      limits: [...limits, ...sparing],
      ...(silent[index] === undefined ? {} : { silent: silent[index] }),
    };
  });
}

const HYSTERESIS: Readonly<Record<Kind, number>> = CONSTANTS.hysteresis;

function isByLatency(law: Law): boolean {
  return law === 'latency' || law === 'lowest-latency';
}

/** Under turns a queue that has grown stays: who has one that is longer than the others' gets less until it is gone. */
function backlog({ servers }: PolledService, signals: readonly Signal[], period: number): number[] {
  const { slack, span, polls, least } = CONSTANTS.backlog;
  const queues = servers.map(({ counted }, index) => {
    const capacity = signals[index]!.capacity;
    return counted && capacity ? counted.active / capacity : undefined;
  });
  const usual = median(queues.flatMap(one => one ?? [])) ?? 0;
  return queues.map(queue => {
    const surplus = Math.max(0, (queue ?? usual) - usual - slack);
    return Math.max(least, 1 - surplus / Math.max(span, polls * period));
  });
}
