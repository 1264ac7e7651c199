export type Paint = 'plain' | 'bold' | 'dim' | 'inverse' | 'red' | 'yellow' | 'green';

/** One place of a terminal: a character that is one column wide, and how it looks. */
export interface Cell {
  readonly character: string;
  readonly paint: Paint;
}

/** What a terminal shows: `rows` lines of `columns` cells each. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly lines: readonly (readonly Cell[])[];
}

/** A line of text in one look; empty lines are blank. */
export interface Line {
  readonly text: string;
  readonly paint: Paint;
}

const BLANK: Cell = { character: ' ', paint: 'plain' };

/** Lines as they fit: what is too long or too much is cut off. */
export function screenOf(
  lines: readonly Line[],
  { columns, rows }: Pick<Screen, 'columns' | 'rows'>,
): Screen {
  return {
    columns,
    rows,
    lines: Array.from({ length: rows }, (_, row) => {
      const { text, paint } = lines[row] ?? { text: '', paint: 'plain' };
      const shown = [...singleColumns(text)].slice(0, columns);
      const cells = shown.map((character): Cell => ({ character, paint }));
      // A bar goes to the edge.
      const rest: Cell = paint === 'inverse' ? { character: ' ', paint } : BLANK;
      return [...cells, ...Array.from({ length: columns - cells.length }, () => rest)];
    }),
  };
}

/**
 * Latin, Greek, Cyrillic and our own signs are one column wide in every terminal. Of all else (wide, combining,
 * invisible) a terminal may think otherwise, and the cells behind it would be somewhere else than we think.
 */
const OTHERS =
  /[^\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f\u0370-\u0377\u0384-\u03ff\u0400-\u0482\u048a-\u052f–…→↑↓−]/gu;

function singleColumns(text: string): string {
  return text.replaceAll(OTHERS, '?');
}
