/** A part of a text, and what takes its place. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text after all of these, which do not overlap; of two insertions at one place the first comes first. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const splice of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the line's text ends, before CR LF or LF. */
export function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  const end = newline === -1 ? text.length : newline;
  return end > at && text[end - 1] === '\r' ? end - 1 : end;
}

export function nextLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline + 1;
}

/** What ends this text's lines: as its first does. */
export function endOfLine(text: string): '\n' | '\r\n' {
  return /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n';
}

/** Whether nothing but blanks stands between the two places of one line. */
export function isBlank(text: string, start: number, end: number): boolean {
  return text.slice(start, end).trim() === '';
}

/** Whether nothing but blanks stands on the line before this place. */
export function isFirst(text: string, at: number): boolean {
  return isBlank(text, lineStart(text, at), at);
}

/** The next character that is neither blank nor in a comment. */
export function skip(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    if (text[at] === '#' && (at === 0 || /\s/.test(text[at - 1]!))) at = nextLine(text, at) - 1;
    else if (!/\s/.test(text[at]!)) break;
  }
  return at;
}

/** New lines below the line of this place. Where that is the last and has no end, the new last one has none either. */
export function linesBelow(text: string, at: number, lines: readonly string[]): Splice {
  const newline = endOfLine(text);
  const start = nextLine(text, at);
  const below = text[start - 1] === '\n';
  const added = lines.map(line => (below ? line + newline : newline + line)).join('');
  return { start, end: start, text: added };
}

/** The lines from one place to the other go, with their ends. */
export function withoutLines(text: string, from: number, to: number): Splice {
  let start = lineStart(text, from);
  const end = nextLine(text, to);
  // The line above is then the last, and has no end either.
  if (text[end - 1] !== '\n' && start > 0) start = lineEnd(text, lineStart(text, start - 1));
  return { start, end, text: '' };
}

/** The same for a part that blank lines set apart: one of the two goes with it. */
export function withoutPart(text: string, from: number, to: number): Splice {
  const cut = withoutLines(text, from, to);
  const before = lineStart(text, from);
  const above = before === 0 ? 0 : lineStart(text, before - 1);
  const isEnd = cut.end >= text.length || isBlank(text, cut.end, nextLine(text, cut.end));
  if (above === 0 || !isBlank(text, above, before) || !isEnd) return cut;
  return { ...cut, start: cut.start < before ? lineEnd(text, lineStart(text, above - 1)) : above };
}
