import { isBlank, isFirst, lineStart, linesBelow, nextLine, skip, type Splice } from './text.js';

/** A list or map in brackets, and its elements or pairs. Comments are none of their parts. */
export interface Flow {
  readonly open: number;
  readonly close: number;
  readonly parts: readonly FlowPart[];
}

interface FlowPart {
  readonly start: number;
  readonly end: number;
  /** Where the comma behind it is. */
  readonly comma?: number;
}

/**
 * @param open where the bracket is
 * @param end behind the closing one
 * @param ends of the elements or pairs
 */
export function flowOf(text: string, open: number, end: number, ends: readonly number[]): Flow {
  let at = open + 1;
  const parts = ends.map((partEnd): FlowPart => {
    const start = skip(text, at);
    const next = skip(text, partEnd);
    const hasComma = text[next] === ',';
    at = hasComma ? next + 1 : partEnd;
    return { start, end: partEnd, ...(hasComma ? { comma: next } : {}) };
  });
  return { open, close: end - 1, parts };
}

/** One more at the end, in the way of the one before: on a line of its own, or behind it. */
export function appendFlow(text: string, flow: Flow, what: string): Splice[] {
  const { open, close } = flow;
  const last = flow.parts.at(-1);
  if (!last) {
    const start = open + 1;
    return isBlank(text, start, close) && !text.slice(start, close).includes('\n')
      ? [{ start, end: close, text: ` ${what} ` }]
      : [{ start, end: start, text: ` ${what}` }];
  }
  if (!hasOwnLines(text, flow, flow.parts.length - 1)) return [insertion(last.end, `, ${what}`)];
  const indent = text.slice(lineStart(text, last.start), last.start);
  const comma = last.comma === undefined ? [insertion(last.end, ',')] : [];
  const line = `${indent}${what}${last.comma === undefined ? '' : ','}`;
  return [...comma, linesBelow(text, last.comma ?? last.end, [line])];
}

/** One more before another one. */
export function insertFlow(flow: Flow, index: number, what: string): Splice[] {
  return [insertion(flow.parts[index]!.start, `${what}, `)];
}

/** Without one of them, and without its comma; comments on other lines stay. */
export function removeFlow(text: string, flow: Flow, index: number): Splice[] {
  const { open, close, parts } = flow;
  const { start, end, comma } = parts[index]!;
  const [previous, next] = [parts[index - 1], parts[index + 1]];
  // The comma before the last one goes where it has none itself.
  const before =
    !next && comma === undefined && previous?.comma !== undefined
      ? [{ start: previous.comma, end: previous.comma + 1, text: '' }]
      : [];
  if (hasOwnLines(text, flow, index)) {
    return [...before, { start: lineStart(text, start), end: nextLine(text, comma ?? end), text: '' }];
  }
  if (next && comma !== undefined) {
    return [{ start, end: isPlain(text, comma + 1, next.start) ? next.start : comma + 1, text: '' }];
  }
  const behind = comma === undefined ? end : comma + 1;
  if (previous?.comma !== undefined && isPlain(text, previous.comma + 1, start)) {
    return [{ start: previous.end, end, text: '' }];
  }
  if (!previous && isPlain(text, open + 1, start) && isPlain(text, behind, close)) {
    return [{ start: open + 1, end: close, text: '' }];
  }
  return [...before, { start, end: behind, text: '' }];
}

/** Whether nothing else stands on the lines of a part. */
function hasOwnLines(text: string, { close, parts }: Flow, index: number): boolean {
  const { start, end, comma } = parts[index]!;
  const following = parts[index + 1]?.start ?? close;
  return isFirst(text, start) && following >= nextLine(text, comma ?? end) && isFirst(text, following);
}

/** Whether only blanks of one line stand between. */
function isPlain(text: string, start: number, end: number): boolean {
  return /^[ \t]*$/.test(text.slice(start, end));
}

function insertion(at: number, text: string): Splice {
  return { start: at, end: at, text };
}
