import { createHash } from 'node:crypto';
import { harmless } from '../diagnostic/quote.js';

const BEGIN = /^# BEGIN lvsctl \(generated from .*; sha256 of this part: ([0-9a-f]{64})\)$/m;
const END = '# END lvsctl';

/** Our marked part of a file that otherwise belongs to someone else. */
export interface Found {
  readonly before: string;
  readonly after: string;
  /** Whether it is as lvsctl wrote it. */
  readonly intact: boolean;
  readonly content: string;
}

/** Where our part is in a text; undefined where it has none. A missing end counts as edited. */
export function findBlock(text: string): Found | undefined {
  const begin = BEGIN.exec(text);
  if (!begin) return undefined;
  const start = begin.index + begin[0].length + 1;
  const end = text.indexOf(`${END}\n`, start);
  const stop = end === -1 ? text.length : end;
  const content = text.slice(start, stop);
  return {
    before: text.slice(0, begin.index),
    after: end === -1 ? '' : text.slice(end + END.length + 1),
    content,
    intact: end !== -1 && digest(content) === begin[1],
  };
}

/** The text with our part put in, in the place of an earlier one or at the end. */
export function withBlock(text: string, content: string, origin: string): string {
  const block = `# BEGIN lvsctl (generated from ${harmless(origin)}; sha256 of this part: ${digest(content)})\n${content}${END}\n`;
  const found = findBlock(text);
  if (found) return found.before + block + found.after;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${gap}${block}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
