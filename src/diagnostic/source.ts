/** A part of a source text: offsets in UTF-16 units, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place as people count it: from 1, a column being a character (a tab is one, an astral character too). */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A text with a name, which knows its lines. */
export class Source {
  private starts: number[] | undefined;

  constructor(
    readonly name: string,
    readonly text: string,
  ) {}

  place(offset: number): Place {
    const at = Math.max(0, Math.min(offset, this.text.length));
    const starts = this.lineStarts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: characters(this.text, starts[low]!, at) + 1 };
  }

  /** The offset at which a line, counted from 1, begins. */
  lineStart(number: number): number {
    return this.lineStarts()[number - 1] ?? this.text.length;
  }

  /** The text of a line, counted from 1, without its end. */
  line(number: number): string {
    let end = this.lineStart(number + 1);
    if (this.text[end - 1] === '\n') end--;
    if (this.text[end - 1] === '\r') end--;
    return this.text.slice(this.lineStart(number), Math.max(end, this.lineStart(number)));
  }

  private lineStarts(): number[] {
    if (!this.starts) {
      this.starts = [0];
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) {
        this.starts.push(at + 1);
      }
    }
    return this.starts;
  }
}

/** How many characters a part of a text has, without a list of them: a line may have millions. */
function characters(text: string, start: number, end: number): number {
  let count = end - start;
  for (let at = start + 1; at < end; at++) {
    const low = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
    if (low && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count--;
  }
  return count;
}
