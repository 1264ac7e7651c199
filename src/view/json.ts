import { harmless } from '../diagnostic/quote.js';

/** A result as JSON; what a terminal would act on or not show is escaped. */
export function jsonText(value: unknown): string {
  const lines = JSON.stringify(value, null, 2).split('\n');
  return `${lines.map(harmless).join('\n')}\n`;
}
