import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import type { LabEvent } from '../../lab/events.js';
import { jobOf, librariesOf } from '../../lab/job.js';
import { labProblems, machineSize } from '../../lab/limits.js';
import { runMachine } from '../../lab/machine.js';
import type { Order } from '../../lab/order.js';
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
): Promise<{ cluster: Cluster; name: string }> {
  const described = await clusterOf(context, options);
  const problems = labProblems(described.cluster);
  if (problems.length > 0) {
    const all = problems.map(one => `  ${one}`).join('\n');
    throw new Failure(EXIT.invalid, `${described.name} is valid, but the lab cannot hold it:\n${all}`);
  }
  await needPrograms(context, options['install'] === true);
  return described;
}

export interface Booking {
  readonly cluster: Cluster;
  /** What the user called the description. */
  readonly name: string;
  readonly order: Order;
}

/**
 * Boots the machine with a cluster in it and waits for its end. @returns the status of the user's last command there
 *
 * @param told is given what `progress` has no line for
 */
export async function boot(
  context: Context,
  { cluster, name, order }: Booking,
  progress: Progress,
  told: (event: LabEvent) => void,
): Promise<number> {
  const { runner, clock } = context.ports;
  const lab = join(context.packageRoot, 'lab');
  const job = jobOf({
    cluster,
    order,
    trees: await treesOf(context, cluster, name),
    node: basename(context.node),
    time: Math.floor(clock.now().getTime() / 1000),
  });
  const linked = await runner.run('ldd', [context.node]);
  const added = [
    context.node,
    ...librariesOf(linked.stdout),
    join(context.packageRoot, 'dist/lab-guest.js'),
    join(lab, 'guest'),
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

/** As `configure --out` writes them, with a key that nobody else has. */
async function treesOf(context: Context, cluster: Cluster, origin: string): Promise<Tree[]> {
  const { files } = context.ports;
  // Nothing is there yet, whatever this host has.
  const empty = { ...files, look: () => Promise.resolve(undefined) };
  const order = {
    cluster,
    origin,
    machine: undefined,
    out: '/trees',
    targets: TARGETS,
    fragment: false,
    failoverKey: cluster.failover.by === 'heartbeat' ? randomBytes(32).toString('hex') : undefined,
  };
  try {
    return await renderTrees(order, await loadTexts(context), empty);
  } catch (error) {
    if (error instanceof TemplateError) {
      throw new Failure(EXIT.invalid, `a template cannot be used:\n${error.message}`);
    }
    throw error;
  }
}
