import type { Cluster } from '../../cluster/cluster.js';
import { findService } from '../../cluster/find.js';
import { serviceKey } from '../../cluster/naming.js';
import { list, quote } from '../../diagnostic/quote.js';
import { EXIT, Failure } from '../exit.js';

/**
 * The services that are meant: all where none is named; one of what runs, by whatever it may be called; else one of
 * others', by its key.
 *
 * @throws Failure
 */
export function meant<T extends { readonly key: string }>(
  services: readonly T[],
  text: string | undefined,
  cluster: Cluster | undefined,
): readonly T[] {
  if (text === undefined) return services;
  const ours = cluster && findService(cluster, text);
  const wanted = ours?.found ? serviceKey(ours.found.virtual) : text;
  const found = services.filter(({ key }) => key === wanted);
  if (found.length > 0) return found;
  const others = services.map(({ key }) => key).slice(0, LISTED);
  if (ours?.problem !== undefined) throw new Failure(EXIT.usage, ours.problem, ours.help);
  const help = others.length === 0 ? 'the table is empty' : `the table has ${list(others, 'and')}`;
  throw new Failure(EXIT.usage, `there is no service ${quote(text)}`, help);
}

const LISTED = 10;
