/** A cell's text, and which side of its column it is on. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Rows below their titles, each column as wide as its widest cell; the last one that is not `right` is not padded. */
export function columns(titles: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [titles.map(({ title }) => title), ...rows];
  const widths = titles.map((_, at) => all.reduce((most, row) => Math.max(most, row[at]!.length), 0));
  return all.map(row =>
    row
      .map((cell, at) => (titles[at]!.right ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd(),
  );
}
