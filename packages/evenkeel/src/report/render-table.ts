/** Tables as markup. */
import { htmlText } from "./escape.ts";
import type { Cell, Table } from "./page.ts";
import { toneSign } from "./tone-sign.ts";

/** A table in a box of its own that scrolls sideways; a note where it has no rows. Missing cells of
 * a row are left empty. */
export function renderTable({ caption, columns, rows }: Table): string {
  const name = caption === undefined ? "" : htmlText(caption);
  if (rows.length === 0) {
    return `<p class="empty">${name === "" ? "" : `${name}: `}nothing to show</p>\n`;
  }
  const titles = columns.map(
    ({ title, align }) => `<th scope="col"${side(align)}>${htmlText(title)}</th>`,
  );
  const lines = rows.map(
    (row) =>
      `<tr>${columns.map(({ align }, at) => renderCell(row[at] ?? "", align)).join("")}</tr>\n`,
  );
  return (
    `<div class="scroll" tabindex="0"><table>${name === "" ? "" : `<caption>${name}</caption>`}` +
    `<thead><tr>${titles.join("")}</tr></thead>\n<tbody>${lines.join("")}</tbody></table></div>\n`
  );
}

function renderCell(cell: Cell, align: "left" | "right"): string {
  if (typeof cell === "string") return `<td${side(align)}>${htmlText(cell)}</td>`;
  return `<td${side(align, cell.tone)}>${toneSign(cell.tone)}${htmlText(cell.text)}</td>`;
}

function side(align: "left" | "right", tone?: string): string {
  const names = [align === "right" ? "r" : undefined, tone].filter((name) => name !== undefined);
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}
