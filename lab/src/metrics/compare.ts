/**
 * Who did better, by more than noise.
 */
import { type Cell, harmOf } from "../run/cell.ts";

/** What a difference is in, the weightiest first. */
export const criteria = ["harm", "p99", "worst"] as const;

/** One of `criteria`. */
export type Criterion = (typeof criteria)[number];

/** The outcome of a comparison: negative when the first did better, positive when the second did, 0
 * when the difference is noise. */
export interface Comparison {
  readonly order: number;
  readonly by: Criterion | undefined;
}

/** A difference up to this share of the larger value is noise, for latencies also one up to `least`
 * and one up to twice what the machine made anybody wait in either run. Of failures one more than none
 * is never noise. */
const noise: Readonly<Record<Criterion, { readonly share: number; readonly least: number }>> = {
  harm: { share: 0.1, least: 0 },
  p99: { share: 0.25, least: 10 },
  worst: { share: 0.25, least: 50 },
};
const LATE_FACTOR = 2;

/** Compares two runs of one scenario: what failed or broke decides, then the p99, then the worst
 * latency. */
export function compare(a: Cell, b: Cell): Comparison {
  for (const by of criteria) {
    const left = valueOf(a, by);
    const right = valueOf(b, by);
    const { share, least } = noise[by];
    const late = LATE_FACTOR * Math.max(lateness(a, by), lateness(b, by));
    if (Math.abs(left - right) > Math.max(least, late, share * Math.max(left, right))) {
      return { order: left - right, by };
    }
  }
  return { order: 0, by: undefined };
}

/** The value of a criterion: a count, or milliseconds. */
export function valueOf(cell: Cell, criterion: Criterion): number {
  if (criterion === "harm") return harmOf(cell);
  return criterion === "p99" ? cell.summary.p99Ms : cell.summary.worstMs;
}

/** What the machine may have done to the value: it did the same to the client. */
function lateness({ summary, stallMs }: Cell, criterion: Criterion): number {
  if (criterion === "harm") return 0;
  return criterion === "p99" ? summary.lateP99Ms : Math.max(summary.lateWorstMs, stallMs);
}

/** The best of several runs of one scenario; of those that differ by noise the first. Undefined for
 * none. */
export function bestOf(cells: readonly Cell[]): Cell | undefined {
  // Noise makes "better" no order, so the best is the one that fewest others beat.
  const beatenBy = (cell: Cell): number =>
    cells.filter((other) => compare(other, cell).order < 0).length;
  let best: Cell | undefined;
  for (const cell of cells) {
    if (!best || beatenBy(cell) < beatenBy(best)) best = cell;
  }
  return best;
}
