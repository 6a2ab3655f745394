/**
 * Numbers and names as tables and pages show them.
 */
import type { Criterion } from "../metrics/compare.ts";
import type { Summary } from "../metrics/summarize.ts";
import type { Loss } from "../metrics/verdicts.ts";
import type { Product } from "../products/product.ts";
import { type Cell, harmOf } from "../run/cell.ts";

/** Milliseconds: one digit after the point below ten. */
export function msText(ms: number): string {
  return ms < 9.95 ? ms.toFixed(1) : String(Math.round(ms));
}

/** Milliseconds as seconds. */
export function secondsText(ms: number): string {
  return ms === 0 ? "0" : `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}

/** Time to detect: "never" when bad requests came until the fault was over. */
export function detectText(summary: Summary): string {
  return summary.undetected ? "not within" : secondsText(summary.detectMs);
}

/** A duration that is left, coarsely. */
export function leftText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** The name of a cell's product; its id when it is unknown. */
export function nameOf(products: readonly Product[], { product }: Cell): string {
  return products.find(({ id }) => id === product)?.name ?? product;
}

/** A loss as a sentence without its scenario. */
export function lossText(products: readonly Product[], { ours, theirs, by }: Loss): string {
  return `${nameOf(products, theirs)} beats ${nameOf(products, ours)}: ${criterionText(theirs, by)} against ${criterionText(ours, by)}`;
}

function criterionText(cell: Cell, by: Criterion): string {
  if (by === "harm") return `${harmOf(cell)} failed, wrong or broken`;
  if (by === "p99") return `p99 ${msText(cell.summary.p99Ms)} ms`;
  return `worst ${msText(cell.summary.worstMs)} ms`;
}

/** Why requests failed, the most frequent first; empty when none did. */
export function reasonsText({ byReason }: Summary): string {
  return Object.entries(byReason)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");
}
