/**
 * Tables and bars for a terminal and for Markdown.
 */
import type { Bar, Table } from "../figures/figure.ts";

/** Columns padded to their widest cell: the first left-aligned, the others right-aligned. */
export function alignedTable({ columns, rows }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
      )
      .join("  ")
      .trimEnd();
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

/** The same as a Markdown table. */
export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = columns.map((_, index) => (index === 0 ? "---" : "--:"));
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
}

/** Bars with their verdict. */
export function barTable(bars: readonly Bar[]): Table {
  return {
    columns: ["figure", "measured", "bar", "aim", "verdict"],
    rows: bars.map(({ what, value, bar, aim, unit }) => [
      what,
      value === undefined ? "-" : `${round(value)}${unit}`,
      `at most ${bar}${unit}`,
      aim === undefined ? "-" : `${aim}${unit}`,
      verdict(value, bar),
    ]),
  };
}

function verdict(value: number | undefined, bar: number): string {
  if (value === undefined || Number.isNaN(value)) return "not measured";
  return value <= bar ? "met" : "NOT MET";
}

function round(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}
