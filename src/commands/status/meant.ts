import type { Cluster } from '../../cluster/cluster.js';
import { canonicalVirtual, findService } from '../../cluster/find.js';
import { serviceKey } from '../../cluster/naming.js';
import { list, quote } from '../../diagnostic/quote.js';
import { EXIT, Failure } from '../exit.js';
import { found } from '../found.js';

/**
 * The services that are meant: all where none is named; anyone's by its key, and of what runs by whatever it may be
 * called.
 *
 * @throws Failure
 */
export function meant<T extends { readonly key: string }>(
  services: readonly T[],
  text: string | undefined,
  cluster: Cluster | undefined,
): readonly T[] {
  if (text === undefined) return services;
  const named = canonicalVirtual(text);
  const isKey = services.some(({ key }) => key === named);
  const wanted = isKey || !cluster ? named : serviceKey(found(findService(cluster, text)).virtual);
  const all = services.filter(({ key }) => key === wanted);
  if (all.length > 0) return all;
  const others = services.map(({ key }) => key).slice(0, LISTED);
  const help = others.length === 0 ? 'the table is empty' : `the table has ${list(others, 'and')}`;
  throw new Failure(EXIT.usage, `there is no service ${quote(text)} in the table`, help);
}

const LISTED = 10;
