import type { Cluster, Director, Host } from './cluster.js';
import type { Server, Service } from './service.js';
import { entrances } from './naming.js';

/** What a machine is in the cluster. It may be both. */
export interface Machine {
  /** Its folder under `configure --out` when it is a director. */
  readonly director?: Director;
  /** A director in a description that names none. */
  readonly anonymousDirector: boolean;
  readonly realServer: boolean;
  /** Its entry in `hosts`. */
  readonly host?: Host;
}

/** The folder of the director where the description names none, and the name for `--host`. */
export const ANONYMOUS_DIRECTOR = 'director';
/** The folder that is the same for all real servers. */
export const REAL_SERVER_FOLDER = 'realserver';

/** All addresses of the machine of this name, which `directors` and `hosts` may both describe. */
export function addressesOf(cluster: Cluster, name: string): string[] {
  const director = cluster.directors.find(one => one.name === name);
  const host = cluster.hosts.find(one => one.name === name);
  const found = [
    director?.address,
    director?.address6,
    director?.inner?.address,
    host?.address,
    host?.address6,
  ].filter(address => address !== undefined);
  return [...new Set(found)];
}

/** The addresses of all real servers, in the order of the description. */
export function realServerAddresses(cluster: Cluster): Set<string> {
  return new Set(cluster.services.flatMap(service => service.servers.map(server => server.address)));
}

/** Whether a service's packets can reach this address: a real server's, or a fallback's that is no director. */
export function receives(cluster: Cluster): (address: string) => boolean {
  const directors = new Set(cluster.directors.flatMap(one => addressesOf(cluster, one.name)));
  const addresses = realServerAddresses(cluster);
  // A director that is the fallback has the VIP when it is active, and must not answer for it when it is not.
  for (const { fallback } of cluster.services) {
    if (fallback && !directors.has(fallback.address)) addresses.add(fallback.address);
  }
  return address => addresses.has(address);
}

/** Whether a director is a real server as well. */
export function isRealServer(cluster: Cluster, director: Director): boolean {
  const servers = realServerAddresses(cluster);
  return addressesOf(cluster, director.name).some(address => servers.has(address));
}

/** Every VIP once, in the order of the description, with the interface its first service gives it. */
export function virtualAddresses(cluster: Cluster): Map<string, Service> {
  const vips = new Map<string, Service>();
  for (const service of cluster.services) {
    for (const { address } of entrances(service)) if (!vips.has(address)) vips.set(address, service);
  }
  return vips;
}

/** Finds the host of a server: the one that it names, else the one that has its address. */
export function hostFinder(cluster: Cluster): (server: Pick<Server, 'host' | 'address'>) => Host | undefined {
  const hosts = new Map<string, Host>();
  for (const host of cluster.hosts) {
    for (const key of [host.address, host.address6, `name ${host.name}`]) if (key) hosts.set(key, host);
  }
  return server => hosts.get(server.host === undefined ? server.address : `name ${server.host}`);
}

/** What the machine with this name and these addresses is; undefined where it is no part of the cluster. */
export function machineOf(
  cluster: Cluster,
  name: string,
  ownAddresses: readonly string[],
): Machine | undefined {
  const own = new Set([...ownAddresses, ...addressesOf(cluster, name)]);
  const director =
    cluster.directors.find(one => one.name === name) ??
    cluster.directors.find(one => addressesOf(cluster, one.name).some(address => own.has(address)));
  if (director) for (const address of addressesOf(cluster, director.name)) own.add(address);
  const realServer = [...own].some(receives(cluster));
  const anonymousDirector = cluster.directors.length === 0 && !realServer;
  if (!director && !realServer && !anonymousDirector) return undefined;
  const host =
    cluster.hosts.find(one => one.name === name) ??
    cluster.hosts.find(one => addressesOf(cluster, one.name).some(address => own.has(address)));
  return {
    ...(director ? { director } : {}),
    anonymousDirector,
    realServer,
    ...(host ? { host } : {}),
  };
}
