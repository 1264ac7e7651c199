import type { YAMLParseError } from 'yaml';
import { type Diagnostic, diagnostic } from '../../diagnostic/diagnostic.js';
import { harmless } from '../../diagnostic/quote.js';
import type { Source } from '../../diagnostic/source.js';

interface Plain {
  readonly means: RegExp;
  readonly message?: string;
  readonly help: string;
}

const QUOTES = 'a text that begins with * & ! | > % @ ` { or [ needs quotes';

/** The library speaks YAML's own language; these say what is to be done. */
const PLAIN: readonly Plain[] = [
  { means: /^Tabs are not allowed/, help: 'indent with blanks' },
  { means: /^Alias cannot be an empty|^Unexpected alias/, message: 'a * alone is no alias', help: QUOTES },
  {
    means: /^Implicit keys need to be on a single line|^Implicit map keys need to be followed/,
    message: 'this is no `key: value`',
    help: 'a blank belongs behind the colon, and the keys of one map stand at one depth',
  },
  {
    means: /^Nested mappings are not allowed in compact/,
    message: 'a second `key:` on one line',
    help: 'the keys of one map stand at one depth; a text with ": " in it needs quotes',
  },
  { means: /^Missing closing (.)quote/, message: 'a quote is never closed', help: 'it began here or above' },
  {
    means: /^Flow (map|sequence)( in block collection)? must/,
    message: 'a [ or { is never closed, or what is in it is indented too little',
    help: 'it began here or above',
  },
  {
    means: /^Unexpected flow-(map|seq)-end/,
    message: 'this closes nothing',
    help: 'is one [ or { missing above?',
  },
  { means: /^Plain value cannot start with/, help: QUOTES },
];

/** One diagnostic a line: what the parser says next is mostly the consequence. */
export function syntaxErrors(source: Source, errors: readonly YAMLParseError[]): Diagnostic[] {
  const lines = new Set<number>();
  return errors.flatMap(error => {
    const { line } = source.place(error.pos[0]);
    if (lines.has(line)) return [];
    lines.add(line);
    return syntaxError(source, error);
  });
}

function syntaxError(source: Source, error: YAMLParseError): Diagnostic {
  const [start, end] = error.pos;
  const plain = PLAIN.find(one => one.means.test(error.message));
  // Without the library's own position, which it writes behind a colon.
  const message = plain?.message ?? harmless(error.message.split('\n')[0]!.replace(/[:.]?\s*$/, ''));
  // What is missing at the end is missed behind the last character, not on an empty line below it.
  const last = Math.max(1, source.text.trimEnd().length);
  const span = start >= last ? { start: last - 1, end: last } : { start, end: Math.max(end, start + 1) };
  return diagnostic('yaml-syntax', { message, help: plain?.help, source, span });
}
