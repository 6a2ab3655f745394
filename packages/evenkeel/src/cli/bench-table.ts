/** Tables of reports on the terminal. */
import type { Table } from "../report/page.ts";
import type { Paint } from "./style.ts";
import { formatTable } from "./table.ts";

const colors = { good: "green", bad: "red", warn: "yellow", neutral: "gray" } as const;

/** Aligned lines; toned cells are coloured. */
export function tableLines({ columns, rows }: Table, paint: Paint): string[] {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text)));
  return formatTable(columns, texts, (text, row, column) => {
    const cell = rows[row]?.[column];
    return cell === undefined || typeof cell === "string" ? text : paint(colors[cell.tone], text);
  });
}
