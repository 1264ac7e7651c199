import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { Span } from '../../diagnostic/source.js';
import type { Path } from '../located.js';

interface NodePair {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** The pairs of a map, typed as what parsing makes of them. */
export function pairsOf(map: YAMLMap): readonly NodePair[] {
  return map.items as unknown as readonly NodePair[];
}

/** Maps that were asked once: a map may have very many keys, and as many problems. */
const known = new WeakMap<YAMLMap, Map<string, NodePair>>();

function pairOf(map: YAMLMap, key: string): NodePair | undefined {
  let pairs = known.get(map);
  if (!pairs) {
    pairs = new Map();
    for (const pair of pairsOf(map)) if (isScalar(pair.key)) pairs.set(String(pair.key.value), pair);
    known.set(map, pairs);
  }
  return pairs.get(key);
}

/** The place of the value (or key) at a path; inside an anchor, where the alias points. */
export function spanAt(
  contents: Node | null,
  targets: ReadonlyMap<Alias, Node>,
  text: string,
  path: Path,
  part: 'key' | 'value' = 'value',
): Span {
  let node: Node | null = contents;
  let key: Node | null = null;
  for (const step of path) {
    const holder: Node | null = isAlias(node) ? (targets.get(node) ?? null) : node;
    if (isMap(holder)) {
      const pair = pairOf(holder, String(step));
      if (!pair) return head(holder, text, key);
      [key, node] = [pair.key, pair.value];
    } else if (isSeq(holder)) {
      const item = holder.items[Number(step)] as Node | undefined;
      if (!item) return head(holder, text, key);
      [key, node] = [null, item];
    } else return head(holder, text, key);
  }
  if (part === 'key' && key?.range) return { start: key.range[0], end: key.range[1] };
  return head(node, text, key);
}

/** A scalar whole; of a collection the first line, which is enough to find it; of nothing, the key. */
function head(node: Node | null, text: string, key: Node | null): Span {
  const range = node?.range ?? key?.range;
  if (!range) return { start: 0, end: 0 };
  const [start, end] = range;
  if (end <= start && key?.range) return { start: key.range[0], end: key.range[1] };
  // An element that is not there: its dash.
  if (end <= start && text[start - 1] === '-') return { start: start - 1, end: start };
  const newline = text.indexOf('\n', start);
  const lineEnd = newline === -1 ? text.length : newline;
  return { start, end: isScalar(node) ? end : Math.min(end, lineEnd) };
}
