import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { changeProblems, unionOf } from '../../lab/change/compare.js';
import type { Described } from '../../lab/change/stage.js';
import type { Tree } from '../../install/tree.js';
import type { Context, Options } from '../context.js';
import { clusterOf } from '../description.js';
import { EXIT, Failure } from '../exit.js';
import { type Booking, needLab, PARTS, treesOf } from './boot.js';

/** The machine for a change from one description to another, and what its user called the former. */
export async function changeBooking(
  context: Context,
  options: Options,
  from: string,
): Promise<{ booking: Booking; from: string }> {
  if (from === '-' && options['file'] === '-') {
    throw new Failure(EXIT.usage, 'standard input cannot be both descriptions');
  }
  const old = await clusterOf(context, { ...options, file: from });
  const next = await clusterOf(context, options);
  const problems = changeProblems(old.cluster, next.cluster);
  if (problems.length > 0) {
    const all = problems.map(one => `  ${one}`).join('\n');
    throw new Failure(EXIT.invalid, `the lab cannot make ${next.name} of ${old.name}:\n${all}`);
  }
  const cluster = unionOf(old.cluster, next.cluster);
  await needLab(context, options, { cluster, name: `${old.name} together with ${next.name}` });
  const key = randomBytes(32).toString('hex');
  const trees = [
    ...below('old', await treesOf(context, old.cluster, old.name, key)),
    ...below('next', await treesOf(context, next.cluster, next.name, key)),
  ];
  const order = {
    what: 'change',
    old: described('old', old),
    next: described('next', next),
    node: basename(context.node),
  } as const;
  return { booking: { cluster, name: next.name, order, trees, parts: PARTS }, from: old.name };
}

function below(folder: string, trees: readonly Tree[]): Tree[] {
  return trees.map(one => ({ ...one, name: `${folder}/${one.name}` }));
}

type Read = Awaited<ReturnType<typeof clusterOf>>;

/** The name of a file says which form its text has, where it says so at all. */
function described(name: string, { cluster, name: given, text }: Read): Described {
  const [ending = ''] = /\.(?:conf|ya?ml)$/.exec(given) ?? [];
  return { cluster, file: name + ending, text };
}
