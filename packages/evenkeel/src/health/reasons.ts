/** Why an endpoint was ejected, in one plain sentence. */
import type { OutlierReason, WindowTotals } from "@evenkeel/balance";

/** The numbers behind an ejection. */
export interface EjectionEvidence {
  readonly inARow: number;
  readonly totals: WindowTotals;
  readonly windowMs: number;
  /** Wall clock. */
  readonly untilMs: number;
}

/** `5 requests in a row failed; back at 12:03:14 UTC`. */
export function ejectionReason(why: OutlierReason, evidence: EjectionEvidence): string {
  return `${what(why, evidence)}; back at ${timeOfDay(evidence.untilMs)}`;
}

function what(why: OutlierReason, { inARow, totals, windowMs }: EjectionEvidence): string {
  if (why === "consecutive_failures") {
    return inARow === 1 ? "1 request failed" : `${inARow} requests in a row failed`;
  }
  return `${totals.failures} of ${totals.requests} requests in ${seconds(windowMs)} failed`;
}

/** `12:03:14 UTC`: the same wherever control and its reader are. */
export function timeOfDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

/** `1s`, `0.5s`: as the configuration writes it. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(3))}s`;
}
