import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../cluster/cluster.js';
import { readDescription } from '../../config/read.js';
import { hasErrors } from '../../diagnostic/diagnostic.js';
import type { Generation } from '../../state/generation.js';
import { desired } from '../../table/desired.js';
import { planTable } from '../../table/plan.js';
import { countsText } from '../../view/diagnostics.js';
import type { FileState } from '../../view/status-head.js';
import type { Context, Options } from '../context.js';
import { foundFile, knownPorts, readBytes } from '../description.js';

/**
 * How the description stands to what runs: the one that `--file` names, else the default one, else the one that what
 * runs came from. That it cannot be used is an answer, and no failure.
 */
export async function fileState(
  context: Context,
  options: Options,
  current: Generation | undefined,
): Promise<FileState> {
  const given = options['file'];
  const file =
    typeof given === 'string' ? given : ((await foundFile(context)) ?? (await source(context, current)));
  if (file === undefined) return { kind: 'absent' };
  const read = await readBytes(context, file);
  const { name } = read;
  if ('problem' in read) return { kind: 'unusable', name, why: read.problem.message };
  // The same words are the same cluster: thousands of servers need not be read a second time.
  if (current?.description.text === new TextDecoder().decode(read.bytes)) return { kind: 'same', name };
  const { cluster, diagnostics } = await readDescription(read.bytes, name, await knownPorts(context));
  if (!cluster || hasErrors(diagnostics)) {
    const why = countsText(diagnostics.filter(one => one.severity === 'error')) ?? 'no cluster in it';
    return { kind: 'unusable', name, why };
  }
  if (!current) return { kind: 'unapplied', name };
  const { cluster: runs } = current;
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(cluster)), runs)) return { kind: 'wording', name };
  return { kind: 'differs', name, lines: linesBetween(runs, cluster) };
}

/** Where what runs came from, if that is still a file. */
async function source({ ports }: Context, current: Generation | undefined): Promise<string | undefined> {
  const name = current?.description.name;
  if (!name?.startsWith('/')) return undefined;
  return (await ports.files.look(name))?.kind === 'file' ? name : undefined;
}

/** In how many lines the tables of two clusters differ, without what people and checkers said of their servers. */
export function linesBetween(one: Cluster, other: Cluster): number {
  return planTable(desired(one), desired(other), { owned: () => true }).steps.length;
}
