/**
 * The result of one scenario with one product.
 */
import type { Mark } from "../metrics/fault-window.ts";
import type { Summary } from "../metrics/summarize.ts";
import type { Timeline } from "../metrics/timeline.ts";

/** All that is kept of a run. Plain data: it is written as JSON. */
export interface Cell {
  readonly scenario: string;
  /** Id of the product. */
  readonly product: string;
  /** When it was measured. */
  readonly date: string;
  readonly version: string;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly summary: Summary;
  /** WebSockets and downloads; undefined where the scenario has none. */
  readonly long: { readonly opened: number; readonly broken: number } | undefined;
  /** Requests that reached origins, in per cent of those of the client: above 100 are retries and
   * hedges. Checks don't count; a killed origin's last tenth of a second may be missing. */
  readonly originLoadPercent: number;
  /** The longest that one thread of the product or of an origin waited for a processor within a tenth
   * of a second: what the machine did to the run. */
  readonly stallMs: number;
  readonly marks: readonly Mark[];
  readonly notes: readonly string[];
  readonly timeline: Timeline;
}

/** Failed requests, wrong ones, and long connections that broke. */
export function harmOf({ summary, long }: Cell): number {
  return summary.failed + summary.wrong + (long?.broken ?? 0);
}
