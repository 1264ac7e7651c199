import type { Cluster } from '../cluster/cluster.js';

/** The settings below net.ipv4.vs that a director of the cluster has, by their last word; each in the kernel's form. */
export function wantedSettings({ failover }: Cluster): ReadonlyMap<string, string> {
  const synchronised = failover.by !== 'none' && failover.syncConnections;
  return new Map([
    ['expire_nodest_conn', '1'],
    ['expire_quiescent_template', '1'],
    ...(synchronised
      ? ([
          ['sync_threshold', '2 10'],
          ['sync_refresh_period', '0'],
        ] as const)
      : []),
  ]);
}
