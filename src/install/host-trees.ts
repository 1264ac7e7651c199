import type { Cluster, Director } from '../cluster/cluster.js';
import { ANONYMOUS_DIRECTOR, isRealServer, type Machine, REAL_SERVER_FOLDER } from '../cluster/machines.js';
import type { Output } from '../render/output.js';
import { TARGETS, type TargetName } from '../render/target-names.js';
import { directorOutputs, realServerOutputs } from '../render/targets.js';
import type { Files } from '../system/ports.js';
import { findBlock } from './block.js';
import { presentAt } from './tree.js';

export interface Order {
  readonly cluster: Cluster;
  /** Undefined for all of them. */
  readonly machine: Machine | undefined;
  /** Where the trees go, absolute; undefined in place. */
  readonly out: string | undefined;
  readonly targets: readonly TargetName[];
  /** Only our part into files that others own. */
  readonly fragment: boolean;
  readonly failoverKey: string | undefined;
}

/** One file of a tree, before it is rendered. */
export interface Part {
  readonly target: TargetName;
  readonly output: Output;
}

/** What a tree is to be made of. */
export interface Outline {
  readonly name: string;
  readonly root: string;
  readonly parts: readonly Part[];
}

/** Everything that was ordered: one tree a director, one for all real servers; in place just this host's. */
export async function outlines(order: Order, files: Files): Promise<Outline[]> {
  const { cluster, machine, out, targets } = order;
  const directors: (Director | undefined)[] =
    machine === undefined
      ? cluster.directors.length > 0
        ? [...cluster.directors]
        : [undefined]
      : machine.director || machine.anonymousDirector
        ? [machine.director]
        : [];
  const trees: Outline[] = [];
  for (const director of directors) {
    const name = director?.name ?? ANONYMOUS_DIRECTOR;
    const root = out === undefined ? '' : `${out}/${name}`;
    const input = {
      cluster,
      director,
      serves: machine?.realServer ?? (director !== undefined && isRealServer(cluster, director)),
      tree: out !== undefined,
      fragment: await fragments(order, root, files),
      failoverKey: order.failoverKey,
    };
    trees.push({ name, root, parts: partsOf(targets, one => directorOutputs(input, one)) });
  }
  const serversToo = machine === undefined || (machine.realServer && directors.length === 0);
  if (serversToo && cluster.services.length > 0) {
    const root = out === undefined ? '' : `${out}/${REAL_SERVER_FOLDER}`;
    const parts = partsOf(targets, one => realServerOutputs(cluster, one));
    trees.push({ name: REAL_SERVER_FOLDER, root, parts });
  }
  return trees;
}

function partsOf(
  targets: readonly TargetName[],
  outputs: (of: readonly TargetName[]) => readonly Output[],
): Part[] {
  return targets.flatMap(target => outputs([target]).map(output => ({ target, output })));
}

/** Of a cluster, all files of one machine, in place. */
export async function outlineInPlace(
  cluster: Cluster,
  machine: Machine,
  failoverKey: string | undefined,
  files: Files,
): Promise<Outline | undefined> {
  const order = { cluster, machine, out: undefined, targets: TARGETS, fragment: false, failoverKey };
  const [outline] = await outlines(order, files);
  return outline;
}

/** A file that already has our part keeps having just that: the part itself is the memory of `--fragment`. */
async function fragments(
  { cluster, fragment }: Order,
  root: string,
  files: Files,
): Promise<(path: string) => boolean> {
  const parts = new Set<string>();
  for (const path of [cluster.keepalived.config, cluster.mon.config]) {
    const present = await presentAt(root + path, files);
    const text = present?.bytes ? new TextDecoder().decode(present.bytes) : '';
    if (fragment || findBlock(text)) parts.add(path);
  }
  return path => parts.has(path);
}
