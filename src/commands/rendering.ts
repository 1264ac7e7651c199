import type { Cluster } from '../cluster/cluster.js';
import { machineOf } from '../cluster/machines.js';
import type { Rendering } from '../director/renewal.js';
import { outlineInPlace } from '../install/host-trees.js';
import { failoverKey } from './configure/key.js';
import type { Context } from './context.js';
import { Failure } from './exit.js';

/** All files of this host in a cluster, as `configure` renders them in place; none where it is no part of it. */
export async function renderingHere(context: Context, cluster: Cluster): Promise<Rendering> {
  const { files, net } = context.ports;
  const machine = machineOf(cluster, net.hostName(), net.addresses());
  const key = machine?.director ? await keyThere(context, cluster) : undefined;
  const outline = machine && (await outlineInPlace(cluster, machine, key, files));
  return {
    parts: outline?.parts ?? [],
    // Whoever finds nothing to render loads nothing for it.
    fill: async (outputs, origin) =>
      await (await import('./rendering-fill.js')).fill(context, outputs, origin),
  };
}

/** A key that cannot be had is never made here: its files stay as they are. */
async function keyThere({ ports }: Context, cluster: Cluster): Promise<string | undefined> {
  if (cluster.failover.by !== 'heartbeat') return undefined;
  const question = { cluster, out: undefined, director: undefined, dryRun: true };
  return await failoverKey(question, ports.files).catch((error: unknown) => {
    if (error instanceof Failure) return undefined;
    throw error;
  });
}
