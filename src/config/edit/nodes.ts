import { isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { pairsOf } from '../yaml/place.js';
import { skip } from './text.js';

export type Pair = ReturnType<typeof pairsOf>[number];

export function itemsOf(list: YAMLSeq): readonly (Node | null)[] {
  return list.items as unknown as readonly (Node | null)[];
}

export function isFlow(node: YAMLMap | YAMLSeq): boolean {
  return node.flow === true;
}

/** Where the last character of a value is, exclusive; the library counts comments and lines below it, too. */
export function contentEnd(text: string, node: Node): number {
  const [start, end] = node.range!;
  if (isMap(node) && !isFlow(node)) {
    const last = pairsOf(node).at(-1);
    return last ? pairEnd(text, last) : end;
  }
  if (isSeq(node) && !isFlow(node)) {
    const last = node.items.length - 1;
    return last < 0 ? end : endBehindDash(text, dashOf(text, node, last), itemsOf(node)[last]!);
  }
  let last = end;
  // A text in lines of its own ends with them.
  if (isScalar(node)) while (last > start && /\s/.test(text[last - 1]!)) last--;
  return last;
}

/** Where an element ends; one that is not there, behind its dash. */
function endBehindDash(text: string, dash: number, item: Node | null): number {
  return item && !isEmpty(item) ? contentEnd(text, item) : dash + 1;
}

/** Where the dash of an element of a block list is. */
export function dashOf(text: string, list: YAMLSeq, index: number): number {
  const [start] = list.range!;
  let dash = skip(text, start);
  for (const item of itemsOf(list).slice(0, index)) dash = skip(text, endBehindDash(text, dash, item));
  return dash;
}

export function pairEnd(text: string, { key, value }: Pair): number {
  if (value && !isEmpty(value)) return contentEnd(text, value);
  const keyEnd = key?.range?.[1] ?? 0;
  return colonBehind(text, keyEnd) ?? keyEnd;
}

/** Behind the colon of a key that ends here; undefined where there is none. */
export function colonBehind(text: string, keyEnd: number): number | undefined {
  const at = /^[ \t]*:/.exec(text.slice(keyEnd, keyEnd + 200));
  return at ? keyEnd + at[0].length : undefined;
}

/** Nothing stands there, which YAML takes for null. */
export function isEmpty(node: Node): boolean {
  return isScalar(node) && node.range![1] <= node.range![0];
}

/** The collections and values in a node, itself too. */
export function* within(node: Node | null): Generator<Node> {
  if (!node) return;
  yield node;
  if (isAlias(node)) return;
  if (isSeq(node)) for (const item of itemsOf(node)) yield* within(item);
  if (!isMap(node)) return;
  for (const { key, value } of pairsOf(node)) {
    yield* within(key);
    yield* within(value);
  }
}
