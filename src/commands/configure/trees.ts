import type { Cluster, Director } from '../../cluster/cluster.js';
import {
  ANONYMOUS_DIRECTOR,
  isRealServer,
  type Machine,
  REAL_SERVER_FOLDER,
} from '../../cluster/machines.js';
import { findBlock } from '../../install/block.js';
import { presentAt, type Tree } from '../../install/tree.js';
import { Engine, type Texts } from '../../render/engine.js';
import { renderOutputs } from '../../render/render.js';
import type { TargetName } from '../../render/target-names.js';
import { directorOutputs, realServerOutputs, templateShapes } from '../../render/targets.js';
import type { Files } from '../../system/ports.js';

export interface Order {
  readonly cluster: Cluster;
  /** What the user called the description. */
  readonly origin: string;
  /** Undefined for all of them. */
  readonly machine: Machine | undefined;
  /** Where the trees go, absolute; undefined in place. */
  readonly out: string | undefined;
  readonly targets: readonly TargetName[];
  /** Only our part into files that others own. */
  readonly fragment: boolean;
  readonly failoverKey: string | undefined;
}

/** Everything that was ordered, rendered: one tree a director, one for all real servers; in place just this host's. */
export async function renderTrees(order: Order, texts: Texts, files: Files): Promise<Tree[]> {
  const { cluster, origin, machine, out, targets } = order;
  const engine = new Engine(texts, templateShapes);
  const directors: (Director | undefined)[] =
    machine === undefined
      ? cluster.directors.length > 0
        ? [...cluster.directors]
        : [undefined]
      : machine.director || machine.anonymousDirector
        ? [machine.director]
        : [];
  const trees: Tree[] = [];
  for (const director of directors) {
    const name = director?.name ?? ANONYMOUS_DIRECTOR;
    const root = out === undefined ? '' : `${out}/${name}`;
    const outputs = directorOutputs(
      {
        cluster,
        director,
        serves: machine?.realServer ?? (director !== undefined && isRealServer(cluster, director)),
        tree: out !== undefined,
        fragment: await fragments(order, root, files),
        failoverKey: order.failoverKey,
      },
      targets,
    );
    trees.push({ name, root, artifacts: renderOutputs(outputs, engine, origin) });
  }
  const serversToo = machine === undefined || (machine.realServer && directors.length === 0);
  if (serversToo && cluster.services.length > 0) {
    const outputs = realServerOutputs(cluster, targets);
    const root = out === undefined ? '' : `${out}/${REAL_SERVER_FOLDER}`;
    trees.push({ name: REAL_SERVER_FOLDER, root, artifacts: renderOutputs(outputs, engine, origin) });
  }
  return trees;
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
