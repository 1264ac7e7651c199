/** Controls, and characters that change the reading direction or have no width. */
export const INVISIBLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const INVISIBLE_ALL = new RegExp(INVISIBLE, 'g');

/** A value as a message quotes it: on one line, shortened, control characters visible. */
export function quote(value: unknown): string {
  if (typeof value === 'number') return String(value);
  // JSON's escapes show line ends, quotes and controls; the rest of the text stays as it was typed.
  if (typeof value === 'string') return harmless(JSON.stringify(shortened(value)));
  return harmless(shortened(JSON.stringify(value) ?? String(value)));
}

/** The text with what is invisible in it made visible. */
export function harmless(text: string): string {
  return text.replace(INVISIBLE_ALL, hex);
}

function shortened(text: string): string {
  return text.length > 60 ? `${[...text].slice(0, 57).join('')}...` : text;
}

function hex(character: string): string {
  return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
}

/** `a, b or c`. */
export function list(words: readonly string[], last = 'or'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** The word of the vocabulary that was probably meant, or undefined. */
export function didYouMean(word: string, vocabulary: readonly string[]): string | undefined {
  if (word.length > 40) return undefined;
  let best: string | undefined;
  let distance = 3;
  for (const candidate of vocabulary) {
    const reach = Math.min(word.length, candidate.length) < 4 ? 1 : 2;
    if (Math.abs(word.length - candidate.length) > reach) continue;
    const found = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (found <= reach && found < distance && found < candidate.length) [best, distance] = [candidate, found];
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, rows[i - 2]![j - 2]! + 1);
      }
      row.push(cost);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
