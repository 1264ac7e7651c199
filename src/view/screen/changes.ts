import type { Cell, Paint, Screen } from './screen.js';

/** Select Graphic Rendition (ECMA-48): each begins with a reset, so that none depends on the one before. */
const LOOKS: Readonly<Record<Paint, string>> = {
  plain: '\u001b[0m',
  bold: '\u001b[0;1m',
  dim: '\u001b[0;2m',
  inverse: '\u001b[0;7m',
  red: '\u001b[0;31m',
  yellow: '\u001b[0;33m',
  green: '\u001b[0;32m',
};
const COLOURS: ReadonlySet<Paint> = new Set(['red', 'yellow', 'green']);
const CLEAR = '\u001b[0m\u001b[2J';

/**
 * What has to be sent to a terminal that shows `before` for it to show `after`: the cells that differ, and where they
 * are. Nothing where none does. Undefined, or of another size, is a terminal that shows anything: it is cleared.
 *
 * @param colour whether colours are wanted; bold and inverse are none
 */
export function changes(before: Screen | undefined, after: Screen, colour: boolean): string {
  const isKnown = before !== undefined && before.columns === after.columns && before.rows === after.rows;
  const parts: string[] = isKnown ? [] : [CLEAR];
  let paint: Paint = 'plain';
  for (const [row, line] of after.lines.entries()) {
    const old = isKnown ? before.lines[row]! : undefined;
    // Where the cursor is behind the last cell of a line is another matter in each terminal, so it is said anew.
    let at: number | undefined;
    for (const [column, cell] of line.entries()) {
      if (isSame(cell, old?.[column], colour)) continue;
      if (at !== column) parts.push(`\u001b[${row + 1};${column + 1}H`);
      const wanted = seen(cell.paint, colour);
      if (wanted !== paint) parts.push(LOOKS[wanted]);
      paint = wanted;
      parts.push(cell.character);
      at = column + 1;
    }
  }
  if (paint !== 'plain') parts.push(LOOKS.plain);
  return parts.join('');
}

function isSame(cell: Cell, old: Cell = { character: ' ', paint: 'plain' }, colour: boolean): boolean {
  return cell.character === old.character && seen(cell.paint, colour) === seen(old.paint, colour);
}

function seen(paint: Paint, colour: boolean): Paint {
  return COLOURS.has(paint) && !colour ? 'plain' : paint;
}
