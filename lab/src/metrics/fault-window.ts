/**
 * When in a run something was broken.
 */

/** Milliseconds since the record began. */
export interface FaultWindow {
  readonly beginMs: number;
  /** Undefined: until the end of the record. */
  readonly endMs: number | undefined;
}

/** A moment worth a line in the chart. */
export interface Mark {
  readonly atMs: number;
  readonly label: string;
  readonly kind: "begin" | "end";
}
