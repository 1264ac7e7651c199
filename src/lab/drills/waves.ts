import type { Cluster } from '../../cluster/cluster.js';
import type { Server, Service } from '../../cluster/service.js';
import { serversByHost } from '../endpoints.js';
import type { LabHost } from '../topology.js';

/**
 * Whether a server's death changes the table: one of weight 0 that would only get weight 0 dies without a trace. Where
 * there is a fallback, keepalived keeps the dead ones at 0, whatever `on_failure` says.
 */
export function leavesTrace({ onFailure, fallback }: Service, { weight }: Server): boolean {
  return weight > 0 || (onFailure === 'remove' && fallback === undefined);
}

/** The services that notice when a host's servers die, by the host's name. */
export function checkedServices(cluster: Cluster, hosts: readonly LabHost[]): Map<string, Service[]> {
  const found = new Map<string, Service[]>();
  for (const service of cluster.services) {
    if (service.check.type === 'none') continue;
    for (const [name, servers] of serversByHost(cluster, service, hosts)) {
      if (!servers.some(one => leavesTrace(service, one))) continue;
      found.set(name, [...(found.get(name) ?? []), service]);
    }
  }
  return found;
}

/**
 * Hosts in groups of which each can fail together: half of the servers of each service at most, so that somebody is
 * left to answer. A service with one server is left without; there is no other way to see it fail.
 */
export function wavesOf(cluster: Cluster, hosts: readonly LabHost[], names: readonly string[]): string[][] {
  const members = cluster.services.map(service => [...serversByHost(cluster, service, hosts).keys()]);
  const waves: string[][] = [];
  for (const name of names) {
    const mine = members.filter(one => one.includes(name));
    const fits = (wave: readonly string[]): boolean =>
      mine.every(
        one =>
          1 + wave.filter(other => one.includes(other)).length <= Math.max(1, Math.floor(one.length / 2)),
      );
    const wave = waves.find(fits);
    if (wave) wave.push(name);
    else waves.push([name]);
  }
  return waves;
}

/** Milliseconds within which a checker has noticed at the latest, with room for a slow machine. */
export function noticeTime({ check }: Service): number {
  return (check.interval + check.timeout) * (check.retries + 2) + 30_000;
}
