/** Rows of words as lines whose columns stand under each other; the last column is not padded. */
export function align(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, word] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, word.length);
  }
  return rows.map(row =>
    row
      .map((word, column) => (column === row.length - 1 ? word : word.padEnd(widths[column]! + gap)))
      .join('')
      .trimEnd(),
  );
}
