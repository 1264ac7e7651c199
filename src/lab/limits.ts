import ipaddr from 'ipaddr.js';
import { inSameNetwork } from '../cluster/address.js';
import type { Cluster } from '../cluster/cluster.js';
import { addressesOf, realServerAddresses, virtualAddresses } from '../cluster/machines.js';
import { NetworkFull, topologyOf } from './topology.js';

/** Hosts that were tried in one machine, under emulation on two cores. */
export const MOST_HOSTS = 128;

/** What the machine is given for a cluster. */
export interface MachineSize {
  readonly megabytes: number;
  /** After which a rehearsal is taken for hung. */
  readonly seconds: number;
}

/** Sentences about all that keeps a valid cluster from being built in the lab; none where nothing does. */
export function labProblems(cluster: Cluster): string[] {
  const problems: string[] = [];
  const addresses = new Set([
    ...cluster.directors.flatMap(one => addressesOf(cluster, one.name)),
    ...cluster.hosts.flatMap(one => addressesOf(cluster, one.name)),
    ...virtualAddresses(cluster).keys(),
    ...realServerAddresses(cluster),
    ...cluster.services.flatMap(one => one.fallback?.address ?? []),
    ...(cluster.gateway ? [cluster.gateway.address] : []),
  ]);
  for (const address of addresses) {
    const why = unusable(address, prefixIn(cluster, address));
    if (why) problems.push(`no host of the lab can have the address ${address}: ${why}`);
  }
  if (problems.length > 0) return problems;
  try {
    const { length } = topologyOf(cluster);
    if (length > MOST_HOSTS) {
      problems.push(`the cluster has ${length} hosts with its client; the lab holds ${MOST_HOSTS}`);
    }
  } catch (error) {
    if (!(error instanceof NetworkFull)) throw error;
    problems.push(error.message);
  }
  return problems;
}

function unusable(address: string, prefix: number): string | undefined {
  const range = ipaddr.parse(address).range();
  if (range === 'loopback') return 'it is a loopback address, which every host has for itself';
  if (range === 'linkLocal') return 'it is a link-local address, which says nothing without an interface';
  if (address.includes(':')) return undefined;
  const cidr = `${address}/${prefix}`;
  if (ipaddr.IPv4.networkAddressFromCIDR(cidr).toString() === address) {
    return `it is the network's own in the /${prefix} that the lab makes of it`;
  }
  if (ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString() === address) {
    return `it is the broadcast address of the /${prefix} that the lab makes of it`;
  }
  return undefined;
}

/** The prefix length that the description gives for an address's network, else the lab's own choice. */
function prefixIn(cluster: Cluster, address: string): number {
  const networks = [cluster.gateway, ...cluster.directors.map(one => one.inner)];
  const own = networks.find(one => one && inSameNetwork(address, one.address, one.prefix));
  return own?.prefix ?? 24;
}

/** Memory by hosts, of which 124 with their servers took 700 MB; time by what the drills have to wait for. */
export function machineSize(cluster: Cluster): MachineSize {
  const hosts = topologyOf(cluster).length;
  const pairs = cluster.services.reduce((sum, service) => sum + service.servers.length, 0);
  return { megabytes: 1024 + 8 * hosts, seconds: 900 + 10 * hosts + 60 * pairs };
}
