/**
 * A report as plain data: what a page says, without how it looks. Load tests, the fault laboratory
 * and drills describe their results in these words; `renderPage` makes one self-contained file of
 * them.
 */

/** How a word or a cell is coloured: what a reader should think of it. */
export type Tone = "good" | "bad" | "warn" | "neutral";

/** One report: one HTML file that needs no network. All texts are plain and are escaped. */
export interface Page {
  readonly title: string;
  /** One or two sentences below the title: what was done. */
  readonly summary: string;
  /** The answer in a word, shown large; undefined shows none. */
  readonly verdict: { readonly text: string; readonly tone: Tone } | undefined;
  /** What the reader must know to believe it: machine, versions, settings, time. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly sections: readonly Section[];
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: "text"; readonly text: string; readonly tone?: Tone }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "chart"; readonly chart: Chart };

export interface Table {
  readonly caption?: string;
  readonly columns: readonly { readonly title: string; readonly align: "left" | "right" }[];
  /** One cell per column. */
  readonly rows: readonly (readonly Cell[])[];
}

export type Cell = string | { readonly text: string; readonly tone: Tone };

/** Lines, bars or points over one axis. Two value axes at most: `left` and `right`. */
export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly left: Axis;
  readonly right?: Axis;
  /** Ascending, one per point; every series has as many values. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** Moments or values worth a vertical line: a fault, its end, a knee. */
  readonly marks?: readonly { readonly at: number; readonly label: string; readonly tone: Tone }[];
  readonly heightPx?: number;
}

export interface Axis {
  readonly label: string;
  /** `percentile` spreads 0 to 100 by the number of nines. */
  readonly scale?: "linear" | "log" | "percentile";
}

export interface Series {
  readonly label: string;
  /** Undefined leaves a gap. */
  readonly values: readonly (number | undefined)[];
  readonly axis: "left" | "right";
  /** `stacked` bars of one axis are piled in the order of the series. */
  readonly style: "line" | "points" | "bars" | "stacked";
  readonly tone?: Tone;
}
