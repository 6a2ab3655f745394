/**
 * The contract of one figure: what it is asked with and what it answers.
 */
import type { Origins } from "../origins.ts";
import type { Peer } from "../peers/peer.ts";

/** How long and how often to measure, and against whom. */
export interface Context {
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rounds: number;
  readonly origins: Origins;
  /** The peers asked for that are installed. */
  readonly peers: readonly Peer[];
  /** Tells the person waiting what is being done. */
  progress(text: string): void;
}

/** A value that must not exceed a bar. */
export interface Bar {
  readonly what: string;
  /** Undefined when it could not be measured; the bar is then open, never met. */
  readonly value: number | undefined;
  readonly bar: number;
  readonly aim?: number;
  /** Printed after the numbers: "x", " MiB", " ms". */
  readonly unit: string;
}

/** A table: all cells as they shall be printed. */
export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a figure came to. */
export interface FigureResult {
  readonly tables: readonly Table[];
  readonly bars: readonly Bar[];
  /** What a reader must know to judge it. */
  readonly notes: readonly string[];
  /** The unrounded measurements, for the JSON report. */
  readonly raw: unknown;
}

/** One named measurement. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  /** False where no origins or peers are needed. */
  readonly needsPeers: boolean;
  run(context: Context): Promise<FigureResult>;
}
