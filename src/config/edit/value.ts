import { Document, visit } from 'yaml';

/** A value as it may stand in any place of a YAML text, on one line. */
export function flowText(value: unknown, padded = true): string {
  const document = new Document([value]);
  visit(document, { Collection: (_key, node) => void (node.flow = true) });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: padded, blockQuote: false }).trim();
  return text.slice(1, -1).trim();
}

/** A list is broken into lines where it has maps in it, or more than this. */
const SHORT = 4;

/** A map as lines of `key: value`, the first without indentation. */
export function blockLines(map: object, indent: string, padded = true): string[] {
  const lines = Object.entries(map).flatMap(([key, value]) => {
    const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
    const isLong = list.length > SHORT || list.some(one => typeof one === 'object');
    if (!isLong) return `${flowText(key)}: ${flowText(value, padded)}`;
    return [`${flowText(key)}:`, ...list.map(one => `  - ${flowText(one, padded)}`)];
  });
  return lines.map((line, index) => (index === 0 ? line : indent + line));
}
