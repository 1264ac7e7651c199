import { resolve } from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import type { Order } from '../install/host-trees.js';
import { compare, leftovers } from '../install/tree.js';
import { write, WriteFailure, type Written } from '../install/write.js';
import { TemplateError } from '../render/engine.js';
import { PLACES } from '../render/places.js';
import { TARGETS, type TargetName } from '../render/target-names.js';
import { StateFailure } from '../state/failure.js';
import { currentNumber } from '../state/generations.js';
import { jsonText } from '../view/json.js';
import { findMachine } from './configure/hosts.js';
import { failoverKey } from './configure/key.js';
import { nextSteps } from './configure/next-steps.js';
import { type Comparison, count, diffText, treeJson, treeText } from './configure/show.js';
import { renderTrees } from './configure/trees.js';
import type { Context, Options, Run } from './context.js';
import { clusterOf } from './description.js';
import { EXIT, Failure, fileFailure } from './exit.js';
import { unapplied } from './configure/unapplied.js';
import { loadTexts } from './texts.js';
import { lockFor } from './visit.js';

/** What is to be rendered, and what the user called the description. */
type Named = Order & { readonly origin: string };

export const run: Run = async (context, args, options) => {
  const { files } = context.ports;
  const changesThisHost = options['out'] === undefined && !isReadOnly(options);
  // Before anything runs there is nobody beside whom it could write.
  if (!changesThisHost || (await currentNumber(files)) === undefined)
    return await configure(context, args, options);
  // An apply beside it renews the same files, and makes another description run.
  const lock = await lockFor(context, 'configure');
  try {
    return await configure(context, args, options);
  } finally {
    await lock.release();
  }
};

const configure: Run = async (context, _args, options) => {
  const { cluster, name } = await clusterOf(context, options);
  const other =
    options['out'] === undefined ? await otherThanRuns(context, options, cluster, name) : undefined;
  const order = await orderOf(context, options, cluster, name);
  const comparisons = await compareAll(context, order);
  const changes = comparisons.flatMap(one => one.changes);
  const refused = changes.filter(one => one.action === 'foreign' || one.action === 'blocked');
  const pending = changes.filter(one => one.action !== 'unchanged');
  const readOnly = isReadOnly(options);
  const blocked = refused.some(one => one.action === 'blocked');
  const stop = !readOnly && (other !== undefined || blocked || (refused.length > 0 && !options['force']));
  const json = options['output'] === 'json';
  const result = (written: readonly Written[]): string => {
    const kept = written.flatMap(one => (one.kept ? [one.kept] : []));
    const value = {
      version: 1,
      written: written.map(one => one.path),
      kept,
      hosts: comparisons.map(treeJson),
    };
    return jsonText(value);
  };
  if (json && (stop || readOnly)) context.out(result([]));
  if (!json && options['diff']) for (const one of comparisons) context.out(diffText(one, context.outStyle));
  if (!json) for (const one of comparisons) context.out(treeText(one, context.outStyle));
  if (other !== undefined) {
    if (!readOnly) throw new Failure(EXIT.failed, `${other}: nothing was written`, APPLY_FIRST);
    context.err(`${context.errStyle.yellow('warning')}: ${other}: ${APPLY_FIRST}\n`);
  }
  if (stop) {
    const what = refused.map(one => `  ${one.path}: ${one.reason}`).join('\n');
    throw new Failure(
      EXIT.failed,
      `nothing was written: ${count(refused.length, 'file')} would be overwritten that ${refused.length === 1 ? 'is' : 'are'} not ours\n${what}`,
      blocked
        ? 'what is in the way has to be moved by hand'
        : '--force replaces each and keeps it as NAME.lvsctl-old; --diff shows what would change',
    );
  }
  if (options['check'])
    return refused.length > 0 ? EXIT.failed : pending.length > 0 ? EXIT.pending : EXIT.done;
  if (options['dryRun']) {
    if (!json) context.err('dry run: nothing was written\n');
    return EXIT.done;
  }
  const written = await writeAll(context, comparisons);
  if (json) context.out(result(written));
  if (context.interrupted() && written.length < pending.length) {
    throw new Failure(EXIT.interrupted, `interrupted: ${writtenText(written, pending.length)}`);
  }
  if (json) return EXIT.done;
  for (const one of written) if (one.kept) context.err(`kept ${one.kept}\n`);
  context.err(written.length === 0 ? 'nothing to do\n' : `wrote ${count(written.length, 'file')}\n`);
  if (order.out === undefined && written.length > 0)
    context.err(nextSteps(cluster, order.machine!, order.targets));
  return EXIT.done;
};

const APPLY_FIRST =
  '`lvsctl apply` makes it run, and renews the files of this host that are there; --out DIR renders it elsewhere';

function isReadOnly(options: Options): boolean {
  return options['check'] === true || options['dryRun'] === true;
}

/** How the description differs from what runs, where it does. Who only looks need not be able to read the state. */
async function otherThanRuns(
  { ports }: Context,
  options: Options,
  cluster: Cluster,
  name: string,
): Promise<string | undefined> {
  try {
    return await unapplied(ports.files, cluster, name);
  } catch (error) {
    if (!isReadOnly(options) || !(error instanceof StateFailure)) throw error;
    return undefined;
  }
}

async function orderOf(context: Context, options: Options, cluster: Cluster, origin: string): Promise<Named> {
  const { files, net } = context.ports;
  const given = options['out'];
  const out = typeof given === 'string' ? resolve(context.workingDirectory, given) : undefined;
  const host = options['host'] as string | undefined;
  const machine = out === undefined || host !== undefined ? findMachine(cluster, host, net) : undefined;
  const targets = (options['target'] as TargetName[] | undefined) ?? TARGETS;
  const dryRun = isReadOnly(options);
  const needsKey =
    cluster.failover.by === 'heartbeat' && targets.includes('heartbeat') && (!machine || machine.director);
  const question = { cluster, out, director: machine?.director, dryRun };
  return {
    cluster,
    origin,
    machine,
    out,
    targets,
    fragment: options['fragment'] === true,
    failoverKey: needsKey ? await failoverKey(question, files) : undefined,
  };
}

async function compareAll(context: Context, order: Named): Promise<Comparison[]> {
  const { files } = context.ports;
  try {
    const trees = await renderTrees(order, order.origin, await loadTexts(context), files);
    const { keepalived, mon } = order.cluster;
    const places = [...Object.values(PLACES), keepalived.config, mon.config];
    const whole = order.targets.length === TARGETS.length;
    const comparisons: Comparison[] = [];
    for (const tree of trees) {
      const changes = await compare(tree, files, order.origin);
      comparisons.push({ tree, changes, leftovers: whole ? await leftovers(tree, places, files) : [] });
    }
    return comparisons;
  } catch (error) {
    if (error instanceof TemplateError)
      throw new Failure(EXIT.invalid, `a template cannot be used:\n${error.message}`);
    if ((error as NodeJS.ErrnoException).code)
      throw fileFailure(`${(error as NodeJS.ErrnoException).path ?? 'what is there'} cannot be read`, error);
    throw error;
  }
}

async function writeAll(context: Context, comparisons: readonly Comparison[]): Promise<Written[]> {
  const written: Written[] = [];
  const total = comparisons.flatMap(one => one.changes).filter(one => one.action !== 'unchanged').length;
  for (const { tree, changes } of comparisons) {
    try {
      written.push(...(await write(tree, changes, context.ports.files, () => !context.interrupted())));
    } catch (error) {
      if (!(error instanceof WriteFailure)) throw error;
      const done = [...written, ...error.written];
      const failure = fileFailure(`${error.path} could not be written`, error.cause);
      throw new Failure(failure.exitCode, `${failure.message}\n${writtenText(done, total)}`, failure.help);
    }
  }
  return written;
}

/** Every file is whole; which are new is what matters now. */
function writtenText(written: readonly Written[], total: number): string {
  if (written.length === 0) return 'nothing was written';
  const paths = written.map(one => `\n  ${one.path}`).join('');
  return `${written.length} of ${total} files were written, every one whole${paths === '' ? '' : `:${paths}`}`;
}
