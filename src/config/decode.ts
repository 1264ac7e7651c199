import { type Diagnostic, diagnostic } from '../diagnostic/diagnostic.js';
import { Source } from '../diagnostic/source.js';

export const MOST_BYTES = 8 * 1024 * 1024;

/** The file as text, or why it is none: too large, not UTF-8, or with control characters that no description has. */
export function decode(bytes: Uint8Array, name: string): { text: string } | { problem: Diagnostic } {
  const source = new Source(name, '');
  if (bytes.length > MOST_BYTES) {
    const message = 'the file is larger than 8 MiB';
    return { problem: diagnostic('file-too-large', { message, source }) };
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The place of the first bad byte: decode leniently and look for the replacement character.
    const lenient = new TextDecoder('utf-8').decode(bytes);
    return { problem: notText(name, lenient, lenient.indexOf('\ufffd'), 'is not UTF-8') };
  }
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control) return { problem: notText(name, text, control.index, 'is a control character') };
  return { text };
}

function notText(name: string, text: string, at: number, what: string): Diagnostic {
  const source = new Source(name, text);
  const { line, column } = source.place(at);
  const message = `this is no text: what stands at line ${line}, column ${column} ${what}`;
  return diagnostic('not-text', { message, source, span: { start: at, end: at + 1 } });
}
