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
    const before = this.text.slice(starts[low], at);
    return { line: low + 1, column: [...before].length + 1 };
  }

  /** The text of a line, counted from 1, without its end. */
  line(number: number): string {
    const starts = this.lineStarts();
    const start = starts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, starts[number] ?? this.text.length).replace(/\r?\n$|\r$/, '');
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
