import { addressBits, familyOf } from '../../cluster/address.js';
import type { Cluster, Director } from '../../cluster/cluster.js';
import { seconds } from '../../cluster/duration.js';
import { virtualAddresses } from '../../cluster/machines.js';
import type { Family } from '../../cluster/service.js';

/** What moves the addresses between the directors, as the template names its parts. */
export interface VrrpView {
  /** One for each address family. */
  readonly instances: readonly InstanceView[];
  /** Whether the instances have to move together. */
  readonly grouped: boolean;
}

/** The kernel's daemons that tell the other directors of connections. */
export interface SyncView {
  readonly interface: string;
  readonly instance: string;
  readonly id: number;
}

interface InstanceView {
  readonly name: string;
  readonly interface: string;
  readonly id: number;
  readonly priority: number;
  /** Seconds. */
  readonly interval: string;
  readonly preempt: boolean;
  /** Seconds; null = at once. */
  readonly preemptDelay: string | null;
  /** Null = by multicast. */
  readonly unicast: { readonly own: string; readonly peers: readonly string[] } | null;
  readonly first: string;
  readonly others: readonly string[];
  /** Interfaces of addresses that are not the one of the adverts. */
  readonly tracked: readonly string[];
}

/** Of the primary director. 255 is reserved for the owner of the address, so there is room above and below. */
const HIGHEST_PRIORITY = 200;

/** Null where nothing is to be moved, or by something else. */
export function vrrpView(cluster: Cluster, director: Director | undefined): VrrpView | null {
  const { failover } = cluster;
  if (failover.by !== 'vrrp' || !director) return null;
  const instances = (['ipv4', 'ipv6'] as const).flatMap(
    family => instanceView(cluster, director, family) ?? [],
  );
  return instances.length === 0 ? null : { instances, grouped: instances.length > 1 };
}

/** Null without synchronisation of connections. */
export function syncView(
  cluster: Cluster,
  director: Director | undefined,
  vrrp: VrrpView | null,
): SyncView | null {
  const { failover } = cluster;
  const first = vrrp?.instances[0];
  if (!failover.syncConnections || !director || !first) return null;
  // The last link: adverts go over the first, and must not wait behind a burst of connections.
  const link = failover.links.at(-1) ?? director.interface;
  // The directors' daemons hear each other only under one id, and no other cluster's.
  return { interface: link, instance: first.name, id: failover.virtualRouterId };
}

function instanceView(cluster: Cluster, director: Director, family: Family): InstanceView | undefined {
  const { failover } = cluster;
  const link = failover.links[0] ?? director.interface;
  const addresses = addressesOfFamily(cluster, director, family);
  const [first, ...others] = addresses.map(
    ({ address, prefix, device }) => `${address}/${prefix} dev ${device}`,
  );
  if (first === undefined) return undefined;
  return {
    name: family === 'ipv4' ? 'VI_4' : 'VI_6',
    interface: link,
    id: failover.virtualRouterId,
    priority: Math.max(
      1,
      HIGHEST_PRIORITY -
        Math.max(
          0,
          cluster.directors.findIndex(one => one.name === director.name),
        ),
    ),
    // VRRP counts hundredths of a second.
    interval: seconds(Math.max(10, Math.round(failover.advertInterval / 10) * 10)),
    preempt: failover.preempt,
    preemptDelay: failover.preempt && failover.preemptDelay > 0 ? seconds(failover.preemptDelay) : null,
    unicast: failover.unicast ? unicastView(cluster, director, family) : null,
    first,
    others,
    tracked: [...new Set(addresses.map(one => one.device))].filter(device => device !== link),
  };
}

/** The VIPs of a family and the gateway address, if it is one. */
function addressesOfFamily(
  cluster: Cluster,
  director: Director,
  family: Family,
): { address: string; prefix: number; device: string }[] {
  const found: { address: string; prefix: number; device: string }[] = [...virtualAddresses(cluster)].map(
    ([address, service]) => ({
      address,
      prefix: addressBits(family),
      device: service.interface ?? director.interface,
    }),
  );
  const { gateway } = cluster;
  if (gateway) found.push({ address: gateway.address, prefix: gateway.prefix, device: gateway.interface });
  return found.filter(one => familyOf(one.address) === family);
}

/** Null, thus multicast, where a director has no address of the family to send from. */
function unicastView(cluster: Cluster, director: Director, family: Family): InstanceView['unicast'] {
  const of = ({ address, address6 }: Director): string | undefined =>
    [address, address6].find(one => one !== undefined && familyOf(one) === family);
  const own = of(director);
  const peers = cluster.directors.filter(one => one.name !== director.name).flatMap(one => of(one) ?? []);
  return own === undefined || peers.length === 0 ? null : { own, peers };
}
