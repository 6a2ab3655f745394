/** Aligned columns. */

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Lines of a table: cells padded to the widest of their column, two spaces between, nothing at the
 * ends. `paint` colours a padded cell, so that colours don't count as width. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string[] {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? "")), widthOf(title)),
  );
  const line = (cells: readonly string[], row: number): string =>
    columns
      .map(({ align }, index) => {
        const text = cells[index] ?? "";
        const space = " ".repeat(widths[index]! - widthOf(text));
        const padded = align === "right" ? space + text : text + space;
        return row < 0 ? padded : paint(padded, row, index);
      })
      .join("  ")
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [line(titles, -1), ...rows.map((row, index) => line(row, index))];
}

/** Code points: what is shown here is ASCII but for names people choose. */
const widthOf = (text: string): number => Array.from(text).length;
