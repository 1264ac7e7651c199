/** A text that may hold anything, for a comment, which a line break would end. */
export function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\u2027\u202a-\u{10ffff}]/gu, '?');
}
