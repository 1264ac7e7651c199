import type { Cluster, Host } from './cluster.js';
import { addressesOf, hostFinder } from './machines.js';

/** The port on which the load agent of a host is asked; undefined where nobody asks. */
export function agentPort({ polling }: Cluster, host: Host | undefined): number | undefined {
  if (!polling || host?.agent === 'none') return undefined;
  return host?.agent ?? polling.port;
}

/** The ports of the real servers' agents, each once, in ascending order; none where nobody is asked. */
export function agentPorts(cluster: Cluster): number[] {
  const hostOf = hostFinder(cluster);
  const ports = cluster.services
    .flatMap(service => service.servers)
    .map(server => agentPort(cluster, hostOf(server)))
    .filter(port => port !== undefined);
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

/** The addresses from which a director asks an agent; none where the description names no director. */
export function askers(cluster: Cluster): string[] {
  return [...new Set(cluster.directors.flatMap(({ name }) => addressesOf(cluster, name)))];
}
