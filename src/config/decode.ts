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
    const lenient = new TextDecoder('utf-8').decode(bytes);
    return { problem: notText(name, lenient, firstReplaced(bytes, lenient), 'is not UTF-8') };
  }
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (control) return { problem: notText(name, text, control.index, 'is a control character') };
  return { text };
}

/** The place of the first bad byte: where the lenient text has a replacement character and the file has none. */
function firstReplaced(bytes: Uint8Array, lenient: string): number {
  const encoder = new TextEncoder();
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let offset = marked ? 3 : 0;
  let from = 0;
  for (;;) {
    const at = lenient.indexOf('\ufffd', from);
    offset += encoder.encode(lenient.slice(from, at)).length;
    const real = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!real) return at;
    offset += 3;
    from = at + 1;
  }
}

function notText(name: string, text: string, at: number, what: string): Diagnostic {
  const source = new Source(name, text);
  const { line, column } = source.place(at);
  const message = `this is no text: what stands at line ${line}, column ${column} ${what}`;
  return diagnostic('not-text', { message, source, span: { start: at, end: at + 1 } });
}
