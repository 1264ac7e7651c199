import { list, quote } from '../../diagnostic/quote.js';
import { EXIT, Failure } from '../exit.js';

/** So many services a message lists. */
const LISTED = 10;

/** Those services that are meant by a name or a key; all where none is named. @throws Failure */
export function meant<T extends { readonly name: string; readonly key: string }>(
  services: readonly T[],
  text: string | undefined,
): readonly T[] {
  if (text === undefined) return services;
  const found = services.filter(({ name, key }) => name === text || key === text);
  if (found.length > 0) return found;
  const names = services.slice(0, LISTED).map(({ name }) => name);
  const more = services.length > LISTED ? [`${services.length - LISTED} more`] : [];
  const help = names.length === 0 ? 'the table has none' : `there are ${list([...names, ...more], 'and')}`;
  throw new Failure(EXIT.usage, `there is no service ${quote(text)}`, help);
}
