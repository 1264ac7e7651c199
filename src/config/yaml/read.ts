import { type Document, isMap, isScalar, isSeq, type Node, type YAMLParseError } from 'yaml';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import { harmless, quote } from '../../diagnostic/quote.js';
import type { Source } from '../../diagnostic/source.js';
import { keyOf, type Located, valueAt } from '../located.js';
import { compose, MOST_ERRORS, MOST_LEVELS } from './compose.js';
import { pairsOf, spanAt } from './place.js';

/** A description of more values than this, aliases written out, is an attack and no cluster. */
const MOST_VALUES = 2_000_000;

/** YAML text → plain data and places. Without `located` the text cannot be judged any further. */
export function readYaml(source: Source): { located?: Located; diagnostics: Diagnostic[] } {
  const { document, errors, stopped } = compose(source.text);
  if (stopped) {
    const span = { start: stopped.offset, end: stopped.offset + 1 };
    switch (stopped.reason) {
      case 'nested-too-deep':
        return refuse(source, 'nested-too-deep', `nested deeper than ${MOST_LEVELS} levels`, span);
      case 'too-many-errors':
        return refuse(
          source,
          'too-many-errors',
          `more than ${MOST_ERRORS} errors of syntax: this is no YAML`,
          span,
        );
      case 'second-document':
        return refuse(source, 'yaml-syntax', 'a second document begins here; a description is one', span);
    }
  }
  if (errors.length > 0) return { diagnostics: errors.map(error => syntaxError(source, error)) };
  if (!document?.contents || (isScalar(document.contents) && document.contents.value === null)) {
    const help = 'the least is `version: 1` and `services:` with a list';
    return {
      diagnostics: [
        diagnostic('empty-description', { message: 'there is nothing in this file', source, help }),
      ],
    };
  }
  const problem = duplicateKeys(source, document);
  const raw: unknown = document.toJS({ maxAliasCount: -1 });
  if (expandedSize(raw, new Map()) > MOST_VALUES) {
    const message = `aliases that would expand to more than ${MOST_VALUES} values`;
    return refuse(source, 'alias-bomb', message, { start: 0, end: 0 });
  }
  const located: Located = {
    source,
    form: 'yaml',
    raw,
    span: (path, part) => spanAt(document, source.text, path, part),
    declared: path => valueAt(raw, path) !== undefined,
    label: keyOf,
  };
  return { located, diagnostics: problem };
}

function refuse(
  source: Source,
  code: 'nested-too-deep' | 'too-many-errors' | 'yaml-syntax' | 'alias-bomb',
  message: string,
  span: { start: number; end: number },
): { diagnostics: Diagnostic[] } {
  return { diagnostics: [diagnostic(code, { message, source, span })] };
}

/** The library's messages, on one line and without its own positions. */
function syntaxError(source: Source, error: YAMLParseError): Diagnostic {
  const [start, end] = error.pos;
  const help = error.code === 'TAB_AS_INDENT' ? 'indent with blanks' : undefined;
  const message = harmless(error.message.split('\n')[0]!.replace(/[:.]?\s*$/, ''));
  return diagnostic('yaml-syntax', { message, help, source, span: { start, end: Math.max(end, start + 1) } });
}

function duplicateKeys(source: Source, document: Document.Parsed): Diagnostic[] {
  const found: Diagnostic[] = [];
  const visit = (node: Node | null): void => {
    if (isSeq(node)) for (const item of node.items) visit(item as Node | null);
    if (!isMap(node)) return;
    const keys = new Set<unknown>();
    for (const { key, value } of pairsOf(node)) {
      const name = isScalar(key) ? key.value : undefined;
      if (name !== undefined && keys.has(name)) {
        const [start, end] = key!.range!;
        const message = `the key ${quote(name)} stands twice in this map`;
        found.push(diagnostic('duplicate-key', { message, source, span: { start, end } }));
      }
      keys.add(name);
      visit(value);
    }
  };
  visit(document.contents);
  return found;
}

/** How many values there are with every alias written out; Infinity where one contains itself. */
function expandedSize(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  known.set(value, Number.POSITIVE_INFINITY);
  let size = 1;
  for (const inner of Object.values(value)) size += expandedSize(inner, known);
  known.set(value, size);
  return size;
}
