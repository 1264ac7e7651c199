import type { Cluster } from '../cluster/cluster.js';
import { explain } from '../table/explain.js';
import type { Overlay } from '../table/overlay.js';
import type { Frame } from '../view/plan.js';

/** Who takes dead servers out of the table of a cluster. */
export function ownerOf(cluster: Pick<Cluster, 'checker'> | undefined): Frame['owner'] {
  return cluster?.checker === 'keepalived' ? 'keepalived' : 'lvsctl';
}

/** The servers that keepalived holds down, for people. */
export function heldNames(cluster: Cluster, overlay: Overlay): string[] {
  return explain(cluster, overlay).flatMap(({ service, servers }) =>
    servers.flatMap(({ cause, key }) => (cause === 'held' ? [`${service.name} ${key}`] : [])),
  );
}
