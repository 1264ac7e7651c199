import { harmless } from '../../diagnostic/quote.js';

/** A text for the terminal, line by line, with its tabs and without CR. */
export function visibleLines(text: string): string {
  const visible = (line: string): string => line.split('\t').map(harmless).join('\t');
  return text.split(/\r?\n/).map(visible).join('\n');
}
