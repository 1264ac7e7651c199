import { isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { pairsOf } from '../yaml/place.js';
import { colonBehind, contentEnd, dashOf, isEmpty, isFlow, itemsOf, type Pair, pairEnd } from './nodes.js';
import {
  isBlank,
  isFirst,
  lineEnd,
  lineStart,
  linesBelow,
  nextLine,
  skip,
  type Splice,
  withoutLines,
  withoutPart,
} from './text.js';
import { blockLines, flowText } from './value.js';

/** A node, and the pair whose value it is; `map` where that pair is in lines of its own. */
export interface Place {
  readonly node: Node | null;
  readonly pair?: Pair;
  readonly map?: YAMLMap;
}

/** One more at the end of a block list, or the first of one that was `[]`. Undefined: it cannot be done. */
export function appendBlock(
  text: string,
  { pair, map }: Place,
  list: YAMLSeq,
  value: unknown,
  isApart: boolean,
): Splice[] | undefined {
  const last = itemsOf(list).length - 1;
  if (last < 0) {
    const colon = pair && map && colonOf(text, pair);
    if (colon === undefined || !isFlow(list)) return undefined;
    const [start, end] = list.range!;
    if (!isBlank(text, start + 1, end - 1) || nextLine(text, start) < end) return undefined;
    const indent = ' '.repeat(columnOf(text, map!) + 2);
    const item = itemLines(value, `${indent}- `, true);
    return [{ start: colon, end, text: '' }, linesBelow(text, end, item)];
  }
  const dash = dashOf(text, list, last);
  if (!isFirst(text, dash)) return undefined;
  const before = itemsOf(list)[last] ?? null;
  const begin = before?.range?.[0] ?? dash + 1;
  const gap = /^- *$/.test(text.slice(dash, begin)) ? text.slice(dash, begin) : '- ';
  const head = text.slice(lineStart(text, dash), dash) + (gap === '-' ? '- ' : gap);
  const isBlockItem = isMap(before) ? !isFlow(before) : isApart;
  const lines = itemLines(value, head, isBlockItem, !isFlowTight(text, before), quoteOf(text, before));
  const at = contentEnd(text, list);
  const blank = isApart && last > 0 && isBlankAbove(text, dash) ? [''] : [];
  return [linesBelow(text, at, [...blank, ...lines])];
}

function itemLines(value: unknown, head: string, isBlock: boolean, padded = true, quote = ''): string[] {
  if (typeof value !== 'object' || value === null) {
    const plain = flowText(value);
    return [head + (plain === value ? quote + plain + quote : plain)];
  }
  if (!isBlock) return [head + flowText(value, padded)];
  const [first, ...others] = blockLines(value, ' '.repeat(head.length), padded);
  return [head + first!, ...others];
}

function isFlowTight(text: string, node: Node | null): boolean {
  return node !== null && /^[[{]\S/.test(text.slice(node.range![0], node.range![0] + 2));
}

/** The quotes that a text is in, as long as they do the same to any other plain one. */
function quoteOf(text: string, node: Node | null): string {
  const first = node ? text[node.range![0]] : undefined;
  return first === '"' || first === "'" ? first : '';
}

function isBlankAbove(text: string, at: number): boolean {
  const start = lineStart(text, at);
  return start > 0 && isBlank(text, lineStart(text, start - 1), start);
}

/** Without one of a block list; `[]` is what stays of its last one. Comments on lines of their own stay. */
export function removeItem(
  text: string,
  { pair }: Place,
  list: YAMLSeq,
  index: number,
  isApart: boolean,
): Splice[] | undefined {
  const item = itemsOf(list)[index] ?? null;
  const dash = dashOf(text, list, index);
  if (!isFirst(text, dash)) return undefined;
  const end = item && !isEmpty(item) ? contentEnd(text, item) : dash + 1;
  const cut = isApart ? withoutPart(text, dash, end) : withoutLines(text, dash, end);
  if (itemsOf(list).length > 1) return [cut];
  const colon = pair && colonOf(text, pair);
  return colon === undefined ? undefined : [{ start: colon, end: colon, text: ' []' }, cut];
}

/** Another value for a key. */
export function putPair(text: string, pair: Pair, value: unknown): Splice[] | undefined {
  const colon = colonOf(text, pair);
  if (colon === undefined) return undefined;
  const what = flowText(value);
  const old = pair.value;
  if (!old || isEmpty(old)) return [{ start: colon, end: colon, text: ` ${what}` }];
  // Its anchor and tag go with it.
  const start = skip(text, colon);
  const end = contentEnd(text, old);
  const isBelow = nextLine(text, colon) <= start || ((isMap(old) || isSeq(old)) && !isFlow(old));
  if (!isBelow) return [{ start, end, text: what }];
  const head = { start: colon, end: colon, text: ` ${what}` };
  if (nextLine(text, colon) <= start) return [head, withoutLines(text, start, end)];
  // Only an anchor or a tag stands on the key's line.
  const rest = { start: colon, end: lineEnd(text, start), text: '' };
  return [head, rest, withoutLines(text, nextLine(text, start), end)];
}

/**
 * One more key in a block map.
 *
 * @param before the pair before which it goes; -1: behind all
 */
export function insertPair(
  text: string,
  map: YAMLMap,
  before: number,
  key: string,
  value: unknown,
): Splice[] | undefined {
  const pairs = pairsOf(map);
  const above = pairs[(before > 0 ? before : pairs.length) - 1];
  if (!above) return undefined;
  const line = `${' '.repeat(columnOf(text, map))}${flowText(key)}: ${flowText(value)}`;
  return [linesBelow(text, pairEnd(text, above), [line])];
}

/** Without a key, in a block map that has others. */
export function removePair(text: string, map: YAMLMap, index: number): Splice[] | undefined {
  const pairs = pairsOf(map);
  const start = pairs[index]!.key!.range![0];
  const end = pairEnd(text, pairs[index]!);
  if (isFirst(text, start)) return [withoutLines(text, start, end)];
  const next = pairs[index + 1]?.key?.range?.[0];
  if (index > 0 || next === undefined) return undefined;
  // It stands behind a dash: the next one moves up, where no comment is in between.
  if (isBlank(text, end, next)) return [{ start, end: next, text: '' }];
  return [{ start, end, text: '' }];
}

function colonOf(text: string, { key }: Pair): number | undefined {
  return key?.range ? colonBehind(text, key.range[1]) : undefined;
}

/** The column of a block map's keys, from 0. The first may stand behind a dash and a tab, the others do not. */
function columnOf(text: string, map: YAMLMap): number {
  const pairs = pairsOf(map);
  const start = (pairs[1] ?? pairs[0])?.key?.range?.[0] ?? 0;
  return start - lineStart(text, start);
}
