import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import type { LabEvent } from '../../lab/events.js';
import { jobOf, type JobParts, librariesOf } from '../../lab/job.js';
import { labProblems, machineSize } from '../../lab/limits.js';
import { runMachine } from '../../lab/machine.js';
import type { Acting, Order } from '../../lab/order.js';
import type { Tree } from '../../install/tree.js';
import { TemplateError } from '../../render/engine.js';
import { TARGETS } from '../../render/target-names.js';
import { renderTrees } from '../configure/trees.js';
import type { Context, Options } from '../context.js';
import { clusterOf } from '../description.js';
import { EXIT, Failure } from '../exit.js';
import { loadTexts } from '../texts.js';
import { needPrograms } from './programs.js';
import type { Progress } from './progress.js';

/** A cluster that the lab can hold, on a host that has what the lab needs. */
export async function labCluster(
  context: Context,
  options: Options,
): Promise<{ cluster: Cluster; name: string; text: string }> {
  const described = await clusterOf(context, options);
  await needLab(context, options, described);
  return described;
}

/** Sees to it that the lab can hold a cluster, and that this host has what the lab needs. */
export async function needLab(
  context: Context,
  options: Options,
  { cluster, name }: { readonly cluster: Cluster; readonly name: string },
): Promise<void> {
  const problems = labProblems(cluster);
  if (problems.length > 0) {
    const all = problems.map(one => `  ${one}`).join('\n');
    throw new Failure(EXIT.invalid, `${name} is valid, but the lab cannot hold it:\n${all}`);
  }
  await needPrograms(context, options['install'] === true);
}

/** What `lvsctl` needs in the machine, of the installed program. */
export const PARTS = ['dist', 'templates', 'realserver', 'package.json'];

/** With mon, whose alerts run lvsctl on the directors: what that takes. */
export function actingIn(
  context: Context,
  { cluster, name, text }: { readonly cluster: Cluster; readonly name: string; readonly text: string },
): { readonly acting?: Acting; readonly parts: readonly string[] } {
  if (cluster.checker !== 'mon') return { parts: [] };
  return { acting: { file: name, text, node: basename(context.node) }, parts: PARTS };
}

export interface Booking {
  readonly cluster: Cluster;
  /** What the user called the description. */
  readonly name: string;
  readonly order: Order;
  /** Instead of those that are rendered of the cluster. */
  readonly trees?: readonly Tree[];
  /** What the machine needs besides, of the installed program: files and folders below its root. */
  readonly parts?: readonly string[];
}

/**
 * Boots the machine with a cluster in it and waits for its end. @returns the status of the user's last command there
 *
 * @param told is given what `progress` has no line for
 */
export async function boot(
  context: Context,
  { cluster, name, order, trees, parts = [] }: Booking,
  progress: Progress,
  told: (event: LabEvent) => void,
): Promise<number> {
  const { runner, clock } = context.ports;
  const lab = join(context.packageRoot, 'lab');
  const job = jobFor({
    cluster,
    order,
    trees: trees ?? (await treesOf(context, cluster, name)),
    node: basename(context.node),
    time: Math.floor(clock.now().getTime() / 1000),
  });
  const linked = await runner.run('ldd', [context.node]);
  const added = [
    context.node,
    ...librariesOf(linked.stdout),
    join(context.packageRoot, 'dist/lab-guest.mjs'),
    join(lab, 'guest'),
    ...parts.map(one => join(context.packageRoot, one)),
  ];
  progress.step('booting the machine');
  const end = await runMachine(
    runner,
    {
      boot: join(lab, 'boot.sh'),
      job,
      added,
      ...machineSize(cluster),
      // A person takes the time that it takes.
      ...(order.what === 'shell' ? { seconds: 0 } : {}),
      terminal: order.what === 'shell' && order.commands === null,
      signal: context.stop,
    },
    {
      event: event => (event.event === 'step' ? progress.step(event.text) : told(event)),
      note: text => progress.step(text),
      words: line => progress.words(line),
    },
  );
  progress.end();
  if (context.interrupted())
    throw new Failure(EXIT.interrupted, 'interrupted: the machine is off, and nothing is left of it');
  if (end.reason !== undefined) {
    const code = end.lacks === 'program' ? EXIT.unavailable : end.lacks ? EXIT.notPermitted : EXIT.failed;
    throw new Failure(code, `the lab failed: ${end.reason}`);
  }
  return end.status;
}

function jobFor(parts: JobParts): Uint8Array {
  try {
    return jobOf(parts);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure(EXIT.invalid, `the lab cannot hold a file of such a name: ${error.message}`);
  }
}

/** As `configure --out` writes them, with a key that nobody else has. */
export async function treesOf(
  context: Context,
  cluster: Cluster,
  origin: string,
  key = randomBytes(32).toString('hex'),
): Promise<Tree[]> {
  const { files } = context.ports;
  // Nothing is there yet, whatever this host has.
  const empty = { ...files, look: () => Promise.resolve(undefined) };
  const order = {
    cluster,
    machine: undefined,
    out: '/trees',
    targets: TARGETS,
    fragment: false,
    failoverKey: cluster.failover.by === 'heartbeat' ? key : undefined,
  };
  try {
    return await renderTrees(order, origin, await loadTexts(context), empty);
  } catch (error) {
    if (error instanceof TemplateError) {
      throw new Failure(EXIT.invalid, `a template cannot be used:\n${error.message}`);
    }
    throw error;
  }
}
