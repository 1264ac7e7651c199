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

/** Where the kernel's daemons of a director speak, whoever starts them; undefined where none does. */
export function synchronisationOf(
  cluster: Cluster,
  director: Director | undefined,
): Synchronisation | undefined {
  const { links, virtualRouterId } = cluster.failover;
  const device = links.at(-1) ?? director?.interface;
  if (!synchronises(cluster) || device === undefined) return undefined;
  return { interface: device, id: virtualRouterId };
}

/** The kernel's daemons that a director starts by itself: with VRRP keepalived does it. */
export function ownDaemons(cluster: Cluster, director: Director | undefined): Synchronisation | null {
  if (cluster.failover.by !== 'heartbeat') return null;
  return synchronisationOf(cluster, director) ?? null;
}
