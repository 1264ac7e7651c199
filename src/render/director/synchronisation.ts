import type { Cluster, Director } from '../../cluster/cluster.js';

export interface Synchronisation {
  readonly interface: string;
  /** Both directors speak under one id, so that another pair on the same wire is not heard. */
  readonly id: number;
}

/** Whether the directors tell each other their connections, whoever starts the daemons. */
export function synchronises({ failover }: Cluster): boolean {
  return failover.by !== 'none' && failover.syncConnections;
}

/** The kernel's daemons that a director starts by itself: with VRRP keepalived does it. */
export function ownDaemons(cluster: Cluster, director: Director | undefined): Synchronisation | null {
  const { by, links, virtualRouterId } = cluster.failover;
  const device = links.at(-1) ?? director?.interface;
  if (by !== 'heartbeat' || !synchronises(cluster) || device === undefined) return null;
  return { interface: device, id: virtualRouterId };
}
