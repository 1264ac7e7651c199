import { addressesOf, hostFinder } from '../../cluster/machines.js';
import type { Cluster } from '../../cluster/cluster.js';
import { serverKey, serviceKey } from '../../cluster/naming.js';
import type { Server, Service } from '../../cluster/service.js';
import { serversByHost } from '../endpoints.js';
import type { LabHost } from '../topology.js';

/** What both descriptions have to say alike: the lab builds its hosts once, and `apply` changes nothing about these. */
const ALIKE = [
  ['the directors', 'directors'],
  ['the failover', 'failover'],
  ['the gateway', 'gateway'],
  ['the checker', 'checker'],
  ['what real servers are (real_servers)', 'realServers'],
] as const;

/** Sentences about what keeps a change from being rehearsed; none where nothing does. */
export function changeProblems(old: Cluster, next: Cluster): string[] {
  const unlike = ALIKE.filter(([, key]) => JSON.stringify(old[key]) !== JSON.stringify(next[key]));
  const moved = next.hosts.filter(({ name }) => {
    const before = addressesOf(old, name);
    return before.length > 0 && before.join(' ') !== addressesOf(next, name).join(' ');
  });
  return [
    ...unlike.map(([words]) => `they do not agree on ${words}, and apply changes services and servers alone`),
    ...moved.map(({ name }) => `the host ${name} has other addresses, and in the lab no host moves`),
  ];
}

/**
 * A cluster with the hosts of both, to build the lab of. One machine may have a name in one description and none, or
 * another, in the other one: so its servers are found by their addresses.
 */
export function unionOf(old: Cluster, next: Cluster): Cluster {
  const find = hostFinder(old);
  const isNew = ({ name, address, address6 }: Cluster['hosts'][number]): boolean =>
    !old.hosts.some(one => one.name === name) &&
    [address, address6].every(one => one === undefined || find({ address: one }) === undefined);
  const services = [...old.services, ...next.services].map(service => ({
    ...service,
    servers: service.servers.map(nameless),
  }));
  return { ...old, hosts: [...old.hosts, ...next.hosts.filter(isNew)], services };
}

function nameless(server: Server): Server {
  const { host: _, ...rest } = server;
  return rest;
}

/** The service that a change makes of another one; undefined where it takes it away. */
export function successor(service: Service, after: Cluster): Service | undefined {
  const key = serviceKey(service.virtual);
  return after.services.find(one => serviceKey(one.virtual) === key);
}

/** The hosts of a service that a change leaves without any of its servers, by name. */
export function leavingHosts(
  before: Cluster,
  service: Service,
  after: Cluster,
  hosts: readonly LabHost[],
): Set<string> {
  const kept = new Set(successor(service, after)?.servers.map(serverKey));
  const all = [...serversByHost(before, service, hosts)];
  return new Set(
    all.filter(([, servers]) => !servers.some(one => kept.has(serverKey(one)))).map(([name]) => name),
  );
}
