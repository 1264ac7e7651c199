import type { Screen } from '../../src/view/screen/screen.js';

/** Select Graphic Rendition as our screens use it, by its numbers. */
const LOOKS: Readonly<Record<string, string>> = {
  0: 'plain',
  '0;1': 'bold',
  '0;2': 'dim',
  '0;7': 'inverse',
  '0;31': 'red',
  '0;33': 'yellow',
  '0;32': 'green',
};

/**
 * A terminal as ECMA-48 and xterm's private modes have it, as far as we use them; what we do not use it refuses, and a
 * character at the edge without wrapping stays there.
 */
export class ModelTerminal {
  #cells: string[][];
  #main: string[][] | undefined;
  #row = 0;
  #column = 0;
  #look = 'plain';
  wraps = true;
  cursor = true;
  /** Characters that were printed. */
  printed = 0;

  constructor(
    readonly columns: number,
    readonly rows: number,
    filler = ' ',
  ) {
    this.#cells = blank(columns, rows, `${filler} plain`);
  }

  get alternate(): boolean {
    return this.#main !== undefined;
  }

  get look(): string {
    return this.#look;
  }

  write(text: string): void {
    for (const [part, mode, act, numbers, final, character] of text.matchAll(
      /\u001b\[\?(\d+)([hl])|\u001b\[([\d;]*)([A-Za-z])|([^\u0000-\u001f\u007f-\u009f])|[^]/gu,
    )) {
      if (mode !== undefined) this.#mode(mode, act === 'h');
      else if (final === 'H') this.#move(numbers!);
      else if (final === 'm') this.#look = known(LOOKS[numbers!], part);
      else if (final === 'J' && numbers === '2')
        this.#cells = blank(this.columns, this.rows, `  ${this.#look}`);
      else if (character !== undefined) this.#print(character);
      else throw new Error(`this terminal does not know ${JSON.stringify(part)}`);
    }
  }

  /** Each cell: its character, a blank, its look. */
  get cells(): readonly (readonly string[])[] {
    return this.#cells;
  }

  get text(): string {
    return this.#cells
      .map(
        row =>
          `${row
            .map(cell => [...cell][0])
            .join('')
            .trimEnd()}\n`,
      )
      .join('');
  }

  #mode(mode: string, on: boolean): void {
    if (mode === '7') this.wraps = on;
    else if (mode === '25') this.cursor = on;
    else if (mode === '1049') this.#alternate(on);
    else throw new Error(`this terminal has no mode ${mode}`);
  }

  #alternate(on: boolean): void {
    if (on === this.alternate) return;
    if (on) [this.#main, this.#cells] = [this.#cells, blank(this.columns, this.rows, '  plain')];
    else [this.#cells, this.#main] = [this.#main!, undefined];
  }

  #move(numbers: string): void {
    const [row = 1, column = 1] = numbers.split(';').map(Number);
    if (row < 1 || row > this.rows || column < 1 || column > this.columns)
      throw new Error(`there is no place ${numbers}`);
    [this.#row, this.#column] = [row - 1, column - 1];
  }

  #print(character: string): void {
    if (this.#column >= this.columns) throw new Error('printed behind the edge');
    this.#cells[this.#row]![this.#column] = `${character} ${this.#look}`;
    this.#column++;
    this.printed++;
  }
}

function known(look: string | undefined, part: string): string {
  if (look === undefined) throw new Error(`this terminal does not know ${JSON.stringify(part)}`);
  return look;
}

function blank(columns: number, rows: number, cell: string): string[][] {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => cell));
}

/** The cells of a screen as the terminal has them. */
export function cellsOf({ lines }: Screen): string[][] {
  return lines.map(line => line.map(({ character, paint }) => `${character} ${paint}`));
}
