import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { pairsOf } from './place.js';

type Plain = Record<string, unknown>;

/**
 * A judged document as plain data; what several aliases stand for is one value. The library's own way looks through
 * all anchors for each alias, which is a minute for a hundred thousand of them.
 */
export function plainData(contents: Node | null, targets: ReadonlyMap<Alias, Node>): unknown {
  const known = new Map<Node, unknown>();
  const plain = (node: Node | null | undefined): unknown => {
    if (isAlias(node)) return plain(targets.get(node));
    if (isScalar(node)) return node.value;
    if (!isSeq(node) && !isMap(node)) return null;
    if (known.has(node)) return known.get(node);
    if (isSeq(node)) {
      const list = (node.items as unknown as Node[]).map(plain);
      known.set(node, list);
      return list;
    }
    const map: Plain = {};
    for (const { key, value } of pairsOf(node))
      set(map, String((key as { value?: unknown }).value), plain(value));
    known.set(node, map);
    return map;
  };
  return plain(contents);
}

/** `__proto__` is a key like any other. */
function set(map: Plain, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}
