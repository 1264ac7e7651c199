import type { Cluster } from '../cluster/cluster.js';
import { findServers, findService, type Found, type Placed } from '../cluster/find.js';
import { type Alert, type Heard, isLate } from '../state/alert.js';
import { died, type Health, returned } from '../state/health.js';
import type { Taken } from '../state/inbox.js';
import { place } from '../table/overlay.js';
import { placeOf } from './ask.js';

/** Who finds out what is dead, as health and journal call it. */
export const CHECKER = 'mon';

/** What an alert means for a server. `late`: something found later is known already. */
export interface Effect {
  readonly placed: Placed;
  readonly what: 'down' | 'up' | 'known' | 'late';
}

/** An alert that waited, and what it means for the cluster that runs. */
export interface Told {
  /** In the inbox. */
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

/**
 * Hears alerts in the order in which they came. Of one server the later finding holds; told twice is told once.
 *
 * @param cluster what runs; undefined where nothing does
 */
export function hear(
  cluster: Cluster | undefined,
  alerts: readonly Taken<Alert>[],
  known: Pick<Hearing, 'health' | 'heard'>,
): Hearing {
  const heard = new Map(known.heard);
  let { health } = known;
  const effectOn = (placed: Placed, { finding, at }: Alert): Effect => {
    const where = placeOf(placed);
    if (isLate(heard, where, at)) return { placed, what: 'late' };
    heard.set(place(where), Math.max(at.up, heard.get(place(where)) ?? -Infinity));
    const after =
      finding === 'failure'
        ? died(health, where, CHECKER, at)
        : returned(health, where, placed.service.slowStart ?? 0, at);
    if (after === health) return { placed, what: 'known' };
    health = after;
    return { placed, what: finding === 'failure' ? 'down' : 'up' };
  };
  const told = alerts.map(({ name, event: alert }): Told => {
    const other = cluster && otherChecker(cluster);
    if (other) return { name, alert, effects: [], unknown: other };
    const { service, servers } = subjectOf(cluster, alert);
    const found =
      service.found && servers?.found ? { service: service.found, servers: servers.found } : undefined;
    if (found) {
      const effects = found.servers.map(server => effectOn({ service: found.service, server }, alert));
      return { name, alert, effects };
    }
    const what = service.found ? 'server' : 'service';
    const { problem, help } = (service.found ? servers : service) as { problem: string; help: string };
    return { name, alert, effects: [], unknown: { what, problem, help } };
  });
  return { told, health, heard };
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
