import { Composer, type Document, Lexer, Parser, type YAMLParseError } from 'yaml';

export const MOST_LEVELS = 100;
export const MOST_ERRORS = 100;
/** The library needs a kilobyte for each; 100,000 servers have six tenths of it. */
export const MOST_VALUES = 1_000_000;

/** What the lexer puts before a plain text, and the signs that begin other values, elements and keys. */
const BEGINS_VALUE = /^[\u001f[{*'"|>?-]/;

/** Thrown inside, never let out: the text is not worth reading any further. */
class Stop extends Error {
  constructor(
    readonly reason: 'nested-too-deep' | 'too-many-errors' | 'too-many-values' | 'second-document',
    readonly offset: number,
  ) {
    super(reason);
  }
}

export interface Composed {
  readonly document?: Document.Parsed;
  readonly errors: readonly YAMLParseError[];
  readonly stopped?: Stop;
}

/**
 * YAML text → document, stopping early where the library would spend seconds and gigabytes: at 100 levels, at the
 * hundredth error, at a millionth value, at a second document. Keys that stand twice are left to the caller.
 */
export function compose(text: string): Composed {
  const parser = new Parser();
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false, keepSourceTokens: false });
  const documents: Document.Parsed[] = [];
  const count = countErrors(composer);
  try {
    let values = 0;
    for (const lexeme of new Lexer().lex(text)) {
      if (BEGINS_VALUE.test(lexeme) && ++values > MOST_VALUES)
        throw new Stop('too-many-values', parser.offset);
      for (const token of parser.next(lexeme)) {
        // The composer does not count these; and no description needs a hundred directives.
        if (token.type === 'error' || token.type === 'directive') count(token.offset);
        documents.push(...composer.next(token));
      }
      if (documents.length > 1) throw new Stop('second-document', documents[1]!.range[0]);
      if (levels(parser.stack) > MOST_LEVELS) throw new Stop('nested-too-deep', parser.offset);
    }
    for (const token of parser.end()) documents.push(...composer.next(token));
    documents.push(...composer.end(false, text.length));
  } catch (error) {
    if (error instanceof Stop) return { errors: documents.flatMap(one => one.errors), stopped: error };
    throw error;
  }
  if (documents.length > 1) {
    return { errors: [], stopped: new Stop('second-document', documents[1]!.range[0]) };
  }
  const [document] = documents;
  // Without a document, what was wrong stays with the composer.
  return { ...(document ? { document } : {}), errors: document?.errors ?? composer.streamInfo().errors };
}

/** How many maps and lists are open: on the parser's stack stand the document and single values, too. */
function levels(stack: Parser['stack']): number {
  if (stack.length <= MOST_LEVELS) return 0;
  return stack.filter(token => token.type.startsWith('block-') || token.type === 'flow-collection').length;
}

type OnError = (source: unknown, code: string, message: string, warning?: boolean) => void;

/** The composer collects errors without end; ours gives up at the hundredth. Returns what counts one more. */
function countErrors(composer: Composer): (offset: number) => void {
  const inner = composer as unknown as { onError: OnError };
  const collect = inner.onError;
  let count = 0;
  const countOne = (offset: number): void => {
    if (++count >= MOST_ERRORS) throw new Stop('too-many-errors', offset);
  };
  inner.onError = (source, code, message, warning) => {
    collect(source, code, message, warning);
    if (!warning) countOne(offsetOf(source));
  };
  return countOne;
}

function offsetOf(source: unknown): number {
  if (typeof source === 'number') return source;
  if (Array.isArray(source)) return Number(source[0]);
  return (source as { offset?: number }).offset ?? 0;
}
