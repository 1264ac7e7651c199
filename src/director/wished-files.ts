import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster/cluster.js';
import type { TargetName } from '../render/target-names.js';
import { handoverOf, obstacles } from './checkers.js';
import type { Visitor } from './door.js';
import { KernelFailure } from './failure.js';
import { failureText, StateFailure } from '../state/failure.js';
import { handoverSteps } from './keepalived/handover.js';
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
  const from = current?.cluster;
  const also = alsoFor(from, cluster);
  const question = { cluster, origin: description.name, from, also };
  try {
    const renewal = await renewalFor(visitor, question);
    const { change } = renewal;
    const handover = await handoverOf(visitor.ports, from, cluster, change.files);
    if (handover) refuseForeign(cluster, renewal.left);
    const inTheWay = handover ? [] : await obstacles(visitor.ports, from, cluster);
    const notes = [...renewal.notes, ...inTheWay, ...handoverSteps(from, cluster, handover)];
    return { ...renewal, notes, ...(handover ? { change: { ...change, handover } } : {}) };
  } catch (error) {
    const isOfFiles =
      error instanceof StateFailure || (error instanceof KernelFailure && error.problem === 'template');
    if (!returns || !isOfFiles) throw error;
    visitor.warn(`the rendered files of this host stay as they are: ${failureText(error)}`);
    return NOTHING_RENEWED;
  }
}

/** A checker that starts with somebody else's file would check something else. @throws KernelFailure */
function refuseForeign(cluster: Cluster, left: readonly string[]): void {
  const { checker } = cluster;
  if (checker === 'none') return;
  const path = cluster[checker].config;
  if (!left.includes(path)) return;
  throw new KernelFailure(
    'not-ours',
    `${path} is not lvsctl's: ${checker} would start by it, and nobody would check these servers`,
    `\`lvsctl configure --diff --dry-run\` shows what it should say; move it away, then try again`,
  );
}

/** A checker that comes needs all of its files, where none of them is here yet. */
function alsoFor(from: Cluster | undefined, { checker }: Cluster): TargetName[] {
  return from && from.checker !== checker && checker !== 'none' ? [checker] : [];
}

/** @param kept as it was read from the disk */
export function isSameCluster(cluster: Cluster, kept: Cluster): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(cluster)), kept);
}
