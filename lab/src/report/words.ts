/**
 * Numbers and names as tables and pages show them.
 */
import { type Criterion, valueOf } from "../metrics/compare.ts";
import type { Summary } from "../metrics/summarize.ts";
import type { Loss } from "../metrics/verdicts.ts";
import type { Product } from "../products/product.ts";
import { type Cell, harmOf } from "../run/cell.ts";
import type { Scenario } from "../scenarios/scenario.ts";

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

/** All that one run lost by one criterion. */
export interface LossGroup {
  readonly scenario: Scenario;
  readonly text: string;
}

/** Losses in sentences: one for each scenario, variant of Evenkeel and criterion. */
export function groupLosses(products: readonly Product[], losses: readonly Loss[]): LossGroup[] {
  const groups = Map.groupBy(
    losses,
    ({ scenario, ours, by }) => `${scenario.name} ${ours.product} ${by}`,
  );
  return [...groups.values()].map((group) => {
    const { scenario, ours, by } = group[0]!;
    const winners = group.map(
      ({ theirs }) => `${nameOf(products, theirs)} ${criterionValue(theirs, by)}`,
    );
    const what = `${criterionName(by)} ${criterionValue(ours, by)}`;
    return { scenario, text: `${nameOf(products, ours)}, ${what}; better: ${winners.join(", ")}` };
  });
}

function criterionName(by: Criterion): string {
  return by === "harm" ? "failed, wrong or broken:" : by;
}

function criterionValue(cell: Cell, by: Criterion): string {
  return by === "harm" ? String(harmOf(cell)) : `${msText(valueOf(cell, by))} ms`;
}

/** Why requests failed, the most frequent first; empty when none did. */
export function reasonsText({ byReason }: Summary): string {
  return Object.entries(byReason)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(", ");
}
