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

/** A titled part of the page with an anchor of its own. */
export interface Section {
  readonly title: string;
  /** True shows only the title until the reader opens it, false lets the reader fold it; absent
   * keeps it open. On paper everything is open. */
  readonly collapsed?: boolean;
  readonly blocks: readonly Block[];
}

/** What sections are made of. Line breaks in a text are kept. An empty table, chart or grid says
 * that there is nothing to show. A `grid` lays small charts side by side, as many as fit. */
export type Block =
  | { readonly kind: "text"; readonly text: string; readonly tone?: Tone }
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "chart"; readonly chart: Chart }
  | {
      readonly kind: "grid";
      readonly charts: readonly Chart[];
      /** True draws all charts over the same ranges, so that they can be compared by eye. */
      readonly sameScale?: boolean;
    };

/** Rows under column titles; wide ones scroll sideways within the page. */
export interface Table {
  readonly caption?: string;
  readonly columns: readonly { readonly title: string; readonly align: "left" | "right" }[];
  /** One cell per column. */
  readonly rows: readonly (readonly Cell[])[];
}

/** A toned cell also carries a sign, so that it can be read without colour. */
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
  /** Absent: 300 alone, 220 in a grid. */
  readonly heightPx?: number;
}

/** What is counted along one side; the label names the unit. */
export interface Axis {
  readonly label: string;
  /** `linear` when absent, from 0 for values. `log` leaves out what is not above 0. `percentile`
   * spreads 0 to 100 by the number of nines. */
  readonly scale?: "linear" | "log" | "percentile";
}

/** One value per point of the chart. A tone also puts its sign before the label. */
export interface Series {
  readonly label: string;
  /** Undefined leaves a gap; so does a number that is not finite. */
  readonly values: readonly (number | undefined)[];
  /** True draws a line across gaps: for a series that has points of its own among the others'. */
  readonly joinGaps?: boolean;
  readonly axis: "left" | "right";
  /** `stacked` bars of one axis are piled in the order of the series. */
  readonly style: "line" | "points" | "bars" | "stacked";
  readonly tone?: Tone;
}
