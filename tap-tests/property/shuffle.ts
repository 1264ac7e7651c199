import { isMap, parseDocument, visit } from 'yaml';

/** The elements in an order that the numbers decide. */
export function shuffled<T>(elements: readonly T[], order: readonly number[]): T[] {
  const rank = (index: number): number => ((order[index % order.length]! + index) * 7919) % 1009;
  return elements
    .map((element, index) => ({ element, rank: rank(index) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ element }) => element);
}

/** The YAML text with the keys of every map in another order, values as they were written. */
export function withShuffledKeys(text: string, order: readonly number[]): string {
  const document = parseDocument(text);
  visit(document, { Map: (_key, map) => void (map.items = shuffled(map.items, order)) });
  return document.toString();
}

/** The YAML text with the elements of a list at its top level in another order. */
export function permuted(text: string, key: string, order: readonly number[]): string {
  const document = parseDocument(text);
  const list = isMap(document.contents) ? document.contents.get(key) : undefined;
  const { items } = list as { items: unknown[] };
  items.splice(0, items.length, ...shuffled(items, order));
  return document.toString();
}
