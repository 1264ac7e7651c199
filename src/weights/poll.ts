import type { SchedulerName } from '../cluster/scheduler.js';
import type { Law } from '../cluster/service.js';
import type { Answer } from './answer.js';
import type { ClockPair } from './clock.js';
import type { Balance, Estimate } from './estimator.js';
import type { Limit } from './guard.js';
import type { Basis } from './laws.js';
import type { Kind } from './quantiser.js';

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
  /** Whether its host has no agent to ask. */
  readonly isUnasked?: boolean;
  /** Absent where it is not in the table. */
  readonly counted?: Counted | undefined;
  /** Milliseconds to a connection or an answer, where the law asks for it. */
  readonly latency?: number | undefined;
  /** It takes no connections whatever weight it is given: it is dead, or an operator has said so. */
  readonly isOut?: boolean;
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

export interface HostState {
  /** When its agent was understood last. */
  readonly heard: number;
  /** Absent where it gave no counters, or they were heard by another director, or by this one before its boot. */
  readonly clock?: ClockPair;
  readonly estimates: Partial<Record<Balance, Estimate>>;
  /** What its agent asked for last; a host that goes down after that says nothing else any more. */
  readonly asks?: 'drain' | 'maint';
}

export interface ServerState {
  readonly factor: number;
  /** The integer in force, whether or not its agent asks for connections. */
  readonly weight: number;
  /** The weight of the description then, of which the factor is. */
  readonly configured?: number;
  /** When its agent last gave counters. */
  readonly counted?: Counted;
}

/** What a controller keeps from poll to poll: plain data. */
export interface State {
  readonly hosts: Readonly<Record<string, HostState>>;
  /** By service and server. */
  readonly servers: Readonly<Record<string, Readonly<Record<string, ServerState>>>>;
}

export const NOTHING_KNOWN: State = { hosts: {}, servers: {} };

/** One server's weight, and why it is that. */
export interface Weighed {
  readonly key: string;
  /** 0 where it is configured so, or where its agent asks for no connections. */
  readonly weight: number;
  readonly basis: Basis;
  /** Completions a second of the host when it is wholly busy. */
  readonly capacity?: number;
  readonly load?: number;
  readonly latency?: number;
  /** What the law asked for, as a factor of the configured weight. */
  readonly wanted?: number;
  readonly factor: number;
  readonly limits: readonly Limit[];
  /** Milliseconds since its agent answered; absent where it never did. */
  readonly silent?: number;
  /** What its host's administrator has its agent say, other than ready. */
  readonly asks?: 'drain' | 'maint';
}

const KINDS: Readonly<Partial<Record<SchedulerName, Kind>>> = { wrr: 'turns', mh: 'table' };

/** How the kernel takes a scheduler's weights. */
export function kindOf(scheduler: SchedulerName): Kind {
  return KINDS[scheduler] ?? 'connections';
}

export function balanceOf(scheduler: SchedulerName): Balance {
  return kindOf(scheduler) === 'turns' ? 'turns' : 'connections';
}
