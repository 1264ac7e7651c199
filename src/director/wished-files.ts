import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.js';
import type { Visitor } from './door.js';
import { KernelFailure } from './failure.js';
import { failureText, StateFailure } from '../state/failure.js';
import { NOTHING_RENEWED, type Renewal, renewalFor } from './renewal.js';
import type { Running } from './running.js';

/** A cluster that is to run. */
interface Wished {
  readonly cluster: Cluster;
  readonly description: { readonly name: string };
  /** What has run already runs again: that its files cannot be rendered keeps it from nothing. */
  readonly returns?: true;
}

/**
 * Which of this host's rendered files would change. Where the same cluster runs already, none: that they are not as they
 * should be is for `configure --check` and doctor to say.
 *
 * @throws KernelFailure where a template cannot be used; StateFailure
 */
export async function filesChangeFor(
  { cluster, description, returns }: Wished,
  { current }: Pick<Running, 'current'>,
  visitor: Pick<Visitor, 'ports' | 'render' | 'warn'>,
): Promise<Renewal> {
  if (current && isSameCluster(cluster, current.cluster)) return NOTHING_RENEWED;
  const question = { cluster, origin: description.name, from: current?.cluster };
  try {
    return await renewalFor(visitor, question);
  } catch (error) {
    const isOfFiles =
      error instanceof StateFailure || (error instanceof KernelFailure && error.problem === 'template');
    if (!returns || !isOfFiles) throw error;
    visitor.warn(`the rendered files of this host stay as they are: ${failureText(error)}`);
    return NOTHING_RENEWED;
  }
}

/** @param kept as it was read from the disk */
export function isSameCluster(cluster: Cluster, kept: Cluster): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(cluster)), kept);
}
