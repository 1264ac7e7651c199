import type { Cluster, Host } from './cluster.js';
import { addressesOf, hostFinder } from './machines.js';

/** The port on which the load agent of a host is asked; undefined where nobody asks. */
export function agentPort({ polling }: Cluster, host: Host | undefined): number | undefined {
  if (!polling || host?.agent === 'none') return undefined;
  return host?.agent ?? polling.port;
}

/**
 * The real servers' agents: their ports in ascending order, and all addresses that the description has of their hosts,
 * each once; none where nobody is asked.
 */
export function agentPlaces(cluster: Cluster): { readonly ports: number[]; readonly addresses: string[] } {
  const hostOf = hostFinder(cluster);
  const [ports, addresses] = [new Set<number>(), new Set<string>()];
  for (const server of cluster.services.flatMap(service => service.servers)) {
    const host = hostOf(server);
    const port = agentPort(cluster, host);
    if (port === undefined) continue;
    ports.add(port);
    for (const one of [server.address, host?.address, host?.address6])
      if (one !== undefined) addresses.add(one);
  }
  return { ports: [...ports].toSorted((a, b) => a - b), addresses: [...addresses] };
}

/** The addresses from which a director asks an agent; none where the description names no director. */
export function askers(cluster: Cluster): string[] {
  return [...new Set(cluster.directors.flatMap(({ name }) => addressesOf(cluster, name)))];
}
