import { isByLatency } from '../cluster/law.js';
import { CONSTANTS } from './constants.js';
import { capacityOf } from './estimator.js';
import { type Guarded, guarded, isWorthWriting } from './guard.js';
import { factors, median, type Signal } from './laws.js';
import {
  balanceOf,
  type Counted,
  kindOf,
  type Poll,
  type Polled,
  type PolledService,
  type ServerState,
  type State,
  type Weighed,
} from './poll.js';
import { integers, type Kind, ratios } from './quantiser.js';

/** By so much two shares differ that are the same. */
const ROUNDING = 1e-9;

/** The weights of one service, and what is kept of them. */
export function weigh(
  service: PolledService,
  old: State,
  hosts: State['hosts'],
  poll: Poll,
): { readonly weighed: readonly Weighed[]; readonly kept: Readonly<Record<string, ServerState>> } {
  const { servers, scheduler, law } = service;
  const kind = kindOf(scheduler);
  const before = servers.map(({ key }) => old.servers[service.key]?.[key]);
  const had = factorsBefore(service, before);
  const signals = signalsOf(service, had, hosts, poll);
  const wanted = factors(law, signals);
  const silent = servers.map(one =>
    isByLatency(law) ? (one.latency === undefined ? undefined : 0) : silenceOf(one, hosts, poll),
  );
  const safe = guarded(
    servers.map((_, index) => ({
      before: had[index]!,
      wanted: wanted[index]!.factor,
      silent: silent[index],
      isUnasked: !isByLatency(law) && servers[index]!.isUnasked === true,
    })),
    poll.period,
  );
  const spared = kind === 'turns' ? backlog(service, signals, poll.period) : servers.map(() => 1);
  const real = servers.map(
    ({ configured }, index) => configured * Math.max(CONSTANTS.floor, safe[index]!.factor * spared[index]!),
  );
  const current = before.map((one, index) => one?.weight ?? servers[index]!.configured);
  const best = integers(real, kind);
  const isResting = safe.every(
    ({ limits }, index) => servers[index]!.isUnasked || limits.includes('held') || limits.includes('frozen'),
  );
  // Others' integers, as of a description or another scheduler, may say the same in turns that are far too long.
  const isLong = kind === 'turns' && Math.max(...current) > CONSTANTS.integers.most;
  // 0 is for a configured 0 alone: of a description before this one, or of somebody's hand, it would stay for ever.
  const isZero = current.some((weight, index) => weight > 0 !== real[index]! > 0);
  const hysteresis = hysteresisOf(service, kind, hosts);
  const isWrong =
    isZero ||
    isWorthWriting(current, real, hysteresis) ||
    (isLong && !isResting && !isWorthWriting(best, real, hysteresis));
  const next = isWrong ? best : current;
  // Other integers may say the same.
  const isLeft = ratios(next, best).map(ratio => Math.abs(ratio - 1) > ROUNDING);
  const asking = servers.map(({ host, isUnasked }) => (isUnasked ? undefined : hosts[host]?.asks));
  // Agents that all ask for nothing would leave clients without a server: that is for an operator to say.
  const isAnyLeft = servers.some(({ isOut }, index) => !asking[index] && !isOut && next[index]! > 0);
  const weighed = servers.map(({ key, latency }, index): Weighed => {
    const { capacity, load } = signals[index]!;
    const { factor, basis } = wanted[index]!;
    const asks = asking[index];
    return {
      key,
      weight: asks && isAnyLeft ? 0 : next[index]!,
      basis,
      ...(capacity === undefined ? {} : { capacity: capacity * 1000 }),
      ...(load === undefined ? {} : { load }),
      ...(latency === undefined ? {} : { latency }),
      ...(factor === undefined ? {} : { wanted: factor }),
      factor: safe[index]!.factor,
      limits: limitsOf(safe[index]!, spared[index]!, isLeft[index]!),
      ...(silent[index] === undefined ? {} : { silent: silent[index] }),
      ...(asks ? { asks } : {}),
    };
  });
  const kept = Object.fromEntries(
    servers.map((one, index) => {
      const counted = countedAtAnswer(one, before[index]?.counted, poll);
      const { configured } = one;
      const state = { factor: safe[index]!.factor, weight: next[index]!, configured };
      return [one.key, { ...state, ...(counted ? { counted } : {}) }];
    }),
  );
  return { weighed, kept };
}

/** By how much a weight has to be wrong: more where works vary so that what is known of capacities is less sure. */
function hysteresisOf({ servers }: PolledService, kind: Kind, hosts: State['hosts']): number {
  const { usualSpread, ...by } = CONSTANTS.hysteresis;
  if (kind !== 'turns') return by[kind];
  const spreads = servers.map(({ host }) => hosts[host]?.estimates.turns?.spread ?? 1);
  return by.turns * Math.sqrt(Math.max(usualSpread, ...spreads) / usualSpread);
}

/**
 * What was counted when its agent last told how busy it was: the next answer tells of all the time since then, and what a
 * silent poll has counted would be missing beside it. Undefined where the server was not in the table all the while.
 */
function countedAtAnswer(
  { host, counted }: Polled,
  before: Counted | undefined,
  poll: Poll,
): Counted | undefined {
  if (poll.answers.get(host)?.counters) return counted;
  return counted && before && counted.connections >= before.connections ? before : undefined;
}

/** @param isLeft whether its share would be another if all were written that is wanted */
function limitsOf({ limits }: Guarded, spared: number, isLeft: boolean): Weighed['limits'] {
  return [
    ...limits,
    ...(spared < 1 ? (['backlog'] as const) : []),
    ...(isLeft ? (['hysteresis'] as const) : []),
  ];
}

/** Milliseconds: 0 only of who answers now. */
function silenceOf({ host }: Polled, hosts: State['hosts'], { answers, now }: Poll): number | undefined {
  if (answers.has(host)) return 0;
  const known = hosts[host];
  return known && Math.max(1, now - known.heard);
}

/**
 * What each had, of the weight that is configured now: a description that changes those moves no share at once. None can
 * have more than all of them together, whatever is in a file that somebody edited.
 */
function factorsBefore({ servers }: PolledService, before: readonly (ServerState | undefined)[]): number[] {
  const all = servers.reduce((sum, { configured }) => sum + configured, 0);
  const old = servers.map(({ configured }, index) => before[index]?.configured ?? configured);
  const stayed = servers.flatMap(({ configured }, index) =>
    before[index] && configured > 0 && old[index]! > 0 ? [{ configured, old: old[index]! }] : [],
  );
  const grown =
    stayed.reduce((sum, one) => sum + one.configured, 0) / stayed.reduce((sum, one) => sum + one.old, 0);
  return servers.map(({ configured }, index) => {
    if (configured === 0) return 1;
    const known = old[index]! > 0 ? before[index] : undefined;
    const factor = known ? (known.factor * old[index]! * grown) / configured : 1;
    return Math.max(CONSTANTS.floor, Math.min(factor, all / configured));
  });
}

function signalsOf(
  { servers, scheduler }: PolledService,
  had: readonly number[],
  hosts: State['hosts'],
  { answers, cpus }: Poll,
): Signal[] {
  return servers.map(({ host, configured, latency }, index) => {
    const answer = answers.get(host);
    const estimate = hosts[host]?.estimates[balanceOf(scheduler)];
    return {
      configured,
      before: had[index]!,
      capacity: answer?.counters && estimate && capacityOf(estimate),
      counts: answer?.counters !== undefined,
      load: answer?.load,
      cpus: answer?.counters?.cpus ?? cpus.get(host) ?? 1,
      share: answer?.share,
      latency,
    };
  });
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
