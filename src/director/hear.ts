import type { Cluster } from '../cluster/cluster.js';
import { findServers, findService, type Found, type Placed } from '../cluster/find.js';
import type { Service } from '../cluster/service.js';
import { type Alert, type Heard, isLate } from '../state/alert.js';
import { recheckDue } from '../state/deadlines.js';
import { deathOf, died, type Health, type Recheck, rechecked, returned } from '../state/health.js';
import type { Generation } from '../state/generation.js';
import type { Taken } from '../state/inbox.js';
import { isDue, type Moment } from '../state/moment.js';
import { place, type Place } from '../table/overlay.js';
import { placeOf } from './ask.js';

/** Who finds out what is dead, as health and journal call it. */
export const CHECKER = 'mon';

/**
 * What an alert means for a server. `late`: something found later is known already. `rechecked`: it is dead, and its
 * checker has started; `still`: that has found it dead again.
 */
export interface Effect {
  readonly placed: Placed;
  readonly what: 'down' | 'up' | 'known' | 'late' | 'rechecked' | 'still';
}

/** An alert that waited, or the end of a recheck, and what it means for the cluster that runs. */
export interface Told {
  /** In the inbox; '' where it was not there. */
  readonly name: string;
  readonly alert: Alert;
  readonly effects: readonly Effect[];
  /** Why it means nothing; `service`: nor is its service known; `checker`: keepalived is the checker. */
  readonly unknown?: {
    readonly what: 'service' | 'server' | 'checker';
    readonly problem: string;
    readonly help: string;
  };
}

/** What is known once all that waits is heard. */
export interface Hearing {
  readonly told: readonly Told[];
  readonly health: Health;
  readonly heard: Heard;
}

interface Subject {
  readonly name: string;
  readonly alert: Alert;
  readonly servers: readonly Placed[];
  readonly unknown?: Told['unknown'];
}

/** Milliseconds that mon's loop adds to each check, as it sleeps whole seconds, and that an alert takes on a busy director. */
const [ROUND, SLACK] = [2000, 10_000] as const;

/** Milliseconds after mon's start within which it has told of a dead server: its checks are made from then on. */
export function recheckTime({ check: { interval, timeout, retries } }: Service): number {
  return (interval + ROUND + timeout) * (retries + 1) + SLACK;
}

/**
 * Hears alerts in the order in which they came. Of one server the later finding holds; told twice is told once. mon
 * starts without a word of what it found before, and tells of a return only where it has told of the death: so a server
 * that was dead returns once mon has had the time to find it dead again.
 *
 * @param cluster what runs; undefined where nothing does
 */
export function hear(
  cluster: Cluster | undefined,
  alerts: readonly Taken<Alert>[],
  known: Pick<Hearing, 'health' | 'heard'>,
): Hearing {
  const subjects = alerts.map(one => subject(cluster, one));
  const heard = new Map(known.heard);
  let { health } = known;
  const effectOn = (placed: Placed, { finding, at }: Alert): Effect => {
    const where = placeOf(placed);
    if (isLate(heard, where, at)) return { placed, what: 'late' };
    heard.set(place(where), Math.max(at.up, heard.get(place(where)) ?? -Infinity));
    const known = deathOf(health, where);
    const after = changed(health, placed, { finding, at });
    if (after === health) return { placed, what: 'known' };
    health = after;
    if (finding === 'failure') return { placed, what: known ? 'still' : 'down' };
    return { placed, what: finding === 'startup' ? 'rechecked' : 'up' };
  };
  const told = subjects.map(
    ({ name, alert, servers, unknown }): Told => ({
      name,
      alert,
      effects: servers.map(one => effectOn(one, alert)),
      ...(unknown ? { unknown } : {}),
    }),
  );
  return { told, health, heard };
}

function changed(health: Health, placed: Placed, { finding, at }: Pick<Alert, 'finding' | 'at'>): Health {
  const { service } = placed;
  const where = placeOf(placed);
  if (finding === 'failure') return died(health, where, CHECKER, at);
  if (finding === 'up') return returned(health, where, service.slowStart ?? 0, at);
  return rechecked(health, where, recheckTime(service), at);
}

/**
 * Those that mon has asked again, and has not found dead, live. An apply has it read its files again, and begin its rounds
 * anew, so their time does, too. Without a mon nobody asks them: they stay dead until it starts. One that is not declared
 * any more is forgotten.
 *
 * @param current what runs; undefined where nothing does
 * @param isAsking whether mon runs, where it is the checker
 */
export function hearRechecks(
  current: Pick<Generation, 'cluster' | 'made'> | undefined,
  before: Health,
  now: Moment,
  isAsking: boolean,
): Pick<Hearing, 'told' | 'health'> {
  const told: Told[] = [];
  let health = before;
  for (const { service, server, recheck: begun } of before.dead) {
    if (!begun) continue;
    const at = { service, server };
    const placed = current && findPlaced(current.cluster, at);
    const recheck = placed && isLater(current.made, begun.since) ? afresh(placed, current.made) : begun;
    if (recheck !== begun) health = rechecked(health, at, recheck.over, recheck.since);
    const isOver = isDue(recheckDue(recheck), now);
    if (current?.cluster.checker === 'keepalived' || (isOver && !isAsking))
      health = died(health, at, CHECKER, now);
    else if (isOver) {
      health = returned(health, at, placed?.service.slowStart ?? 0, now);
      const alert = { finding: 'up', ...at, at: now, reason: FOUND_NOTHING } as const;
      if (placed) told.push({ name: '', alert, effects: [{ placed, what: 'up' }] });
    }
  }
  return { told, health };
}

/** Within a boot: of another one is what mon has read before it was started. */
function isLater(one: Moment, other: Moment): boolean {
  return one.boot === other.boot && one.up > other.up;
}

function afresh({ service }: Placed, since: Moment): Recheck {
  return { since, over: recheckTime(service) };
}

function findPlaced({ services }: Cluster, at: Place): Placed | undefined {
  for (const service of services)
    for (const server of service.servers)
      if (place(placeOf({ service, server })) === place(at)) return { service, server };
  return undefined;
}

const FOUND_NOTHING = 'it has started, and not found it dead again';

function subject(cluster: Cluster | undefined, { name, event: alert }: Taken<Alert>): Subject {
  const other = cluster && otherChecker(cluster);
  if (other) return { name, alert, servers: [], unknown: other };
  const { service, servers } = subjectOf(cluster, alert);
  const { found } = service;
  if (found && servers?.found)
    return { name, alert, servers: servers.found.map(server => ({ service: found, server })) };
  const what = found ? 'server' : 'service';
  const { problem, help } = (found ? servers : service) as { problem: string; help: string };
  return { name, alert, servers: [], unknown: { what, problem, help } };
}

/** Of a mon that goes on where it is the checker no more. */
function otherChecker({ checker }: Cluster): Told['unknown'] {
  if (checker !== 'keepalived') return undefined;
  const problem = 'keepalived checks the servers here';
  return { what: 'checker', problem, help: 'mon may stop: `systemctl disable --now mon`' };
}

function subjectOf(
  cluster: Cluster | undefined,
  { service: name, server }: Alert,
): { readonly service: Found<Placed['service']>; readonly servers?: Found<readonly Placed['server'][]> } {
  if (!cluster) {
    const help = 'make a description run with `lvsctl apply` first';
    return { service: { problem: 'nothing has been applied on this director yet', help } };
  }
  const service = findService(cluster, name);
  return service.found ? { service, servers: findServers(cluster, service.found, server) } : { service };
}
