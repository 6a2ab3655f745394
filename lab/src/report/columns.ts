/**
 * The columns of a scenario's table, the same in the terminal and on the page.
 */
import type { Product } from "../products/product.ts";
import { type Cell, harmOf } from "../run/cell.ts";
import { detectText, msText, nameOf, secondsText } from "./words.ts";

/** What a value means to a reader. */
export type Judgement = "good" | "bad" | "neutral";

/** One column. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  readonly text: (cell: Cell) => string;
  readonly judge?: (cell: Cell) => Judgement;
}

/** The columns for runs of these products. */
export function columnsFor(products: readonly Product[]): readonly Column[] {
  return [
    { title: "product", align: "left", text: (cell) => nameOf(products, cell) },
    right("requests", ({ summary }) => String(summary.requests)),
    {
      ...right("failed", ({ summary }) => String(summary.failed)),
      judge: ({ summary }) => (summary.failed === 0 ? "neutral" : "bad"),
    },
    {
      ...right("wrong", ({ summary }) => String(summary.wrong)),
      judge: ({ summary }) => (summary.wrong === 0 ? "neutral" : "bad"),
    },
    right("p50 ms", ({ summary }) => msText(summary.p50Ms)),
    right("p99 ms", ({ summary }) => msText(summary.p99Ms)),
    right("p99.9 ms", ({ summary }) => msText(summary.p999Ms)),
    right("worst ms", ({ summary }) => msText(summary.worstMs)),
    right("detected", ({ summary }) => detectText(summary)),
    right("error-free", (cell) =>
      harmOf(cell) === 0 ? "0" : secondsText(cell.summary.errorFreeMs),
    ),
    right("lost", ({ summary }) => String(summary.connectionsLost)),
    {
      ...right("long lost", ({ long }) => (long ? `${long.broken} of ${long.opened}` : "-")),
      judge: ({ long }) => (long && long.broken > 0 ? "bad" : "neutral"),
    },
    right("origin load", ({ originLoadPercent }) => `${Math.round(originLoadPercent)} %`),
  ];
}

function right(title: string, text: (cell: Cell) => string): Column {
  return { title, align: "right", text };
}
