import type { Span } from '../../diagnostic/source.js';

/** A word of a line, with its place in the source. */
export interface Word extends Span {
  readonly text: string;
}

/** The words of each line that has any. A brace is a word of its own; `#` begins a comment anywhere. */
export function* wordsOfLines(text: string): Generator<Word[]> {
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end);
    const words = wordsOf(line, start);
    if (words.length > 0) yield words;
    start = end + 1;
  }
}

function wordsOf(line: string, offset: number): Word[] {
  const comment = line.indexOf('#');
  const content = comment === -1 ? line : line.slice(0, comment);
  const words: Word[] = [];
  for (const match of content.matchAll(/[{}]|[^\s{}]+/g)) {
    const start = offset + match.index;
    words.push({ text: match[0], start, end: start + match[0].length });
  }
  return words;
}
