/**
 * What the laboratory asks of Evenkeel, and where it loses.
 */
import type { Product } from "../products/product.ts";
import { type Cell, harmOf } from "../run/cell.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { bestOf, compare, type Criterion } from "./compare.ts";

/** One bar, judged for one variant of Evenkeel (or for the best one). */
export interface Verdict {
  readonly bar: string;
  readonly variant: string;
  /** Undefined when nothing was run that would tell. */
  readonly met: boolean | undefined;
  /** Where it is missed, one line each; empty when met. */
  readonly misses: readonly string[];
}

/** A peer that did better than Evenkeel in a scenario. */
export interface Loss {
  readonly scenario: Scenario;
  readonly ours: Cell;
  readonly theirs: Cell;
  readonly by: Criterion;
}

/** What was run, and what it was. */
export interface Results {
  readonly cells: readonly Cell[];
  readonly products: readonly Product[];
  readonly scenarios: readonly Scenario[];
}

/** The bars in words. */
export const bars = {
  noFailure: "no failed idempotent request while at least one instance is sound",
  leastConnections:
    "with one slow, stopped or hanging instance the p99 is no worse than HAProxy's least connections",
  hedging:
    "with hedging the p99.9 is under 100 ms and the worst under 1 s with one slow, stopped or hanging instance",
  best: "best or equal best in every scenario",
} as const;

const HEDGED_P999_MS = 100;
const HEDGED_WORST_MS = 1_000;

/** Judges all bars. */
export function judge(results: Results): Verdict[] {
  const ours = results.products.filter(({ family }) => family === "evenkeel");
  return [
    ...ours.map((product) => judgeFailures(results, product)),
    ...ours.map((product) => judgeLeastConnections(results, product)),
    ...ours.filter(({ hedges }) => hedges).map((product) => judgeHedging(results, product)),
    judgeBest(results),
  ];
}

/** Peers that beat the best variant of Evenkeel, in every scenario. */
export function lossesOfBest(results: Results): Loss[] {
  return results.scenarios.flatMap((scenario) => {
    const cells = cellsOf(results, scenario);
    const ours = bestOf(cells.filter((cell) => isOurs(results, cell)));
    return ours ? lossesTo(results, scenario, ours, cells) : [];
  });
}

/** Peers that beat one variant of Evenkeel. */
export function lossesOf(results: Results, product: Product): Loss[] {
  return results.scenarios.flatMap((scenario) => {
    const cells = cellsOf(results, scenario);
    const ours = cells.find((cell) => cell.product === product.id);
    return ours ? lossesTo(results, scenario, ours, cells) : [];
  });
}

function lossesTo(
  results: Results,
  scenario: Scenario,
  ours: Cell,
  cells: readonly Cell[],
): Loss[] {
  return cells
    .filter((cell) => !isOurs(results, cell))
    .flatMap((theirs) => {
      const { order, by } = compare(theirs, ours);
      return order < 0 && by ? [{ scenario, ours, theirs, by }] : [];
    });
}

function judgeFailures(results: Results, product: Product): Verdict {
  return verdict(bars.noFailure, product.name, cellsBy(results, product, "survivable"), (cell) => {
    const { failed, wrong } = cell.summary;
    if (harmOf(cell) === 0) return undefined;
    const broken = cell.long?.broken ?? 0;
    return `${failed} failed, ${wrong} wrong${broken > 0 ? `, ${broken} long connections broken` : ""}`;
  });
}

function judgeLeastConnections(results: Results, product: Product): Verdict {
  const rival = results.products.find(
    ({ family, leastConnections }) => family === "haproxy" && leastConnections,
  );
  const pairs = cellsBy(results, product, "sluggish").filter(({ scenario }) =>
    results.cells.some((cell) => cell.product === rival?.id && cell.scenario === scenario),
  );
  return verdict(bars.leastConnections, product.name, pairs, (cell) => {
    const theirs = results.cells.find(
      ({ product, scenario }) => product === rival?.id && scenario === cell.scenario,
    )!;
    const { order, by } = compare(withoutHarm(cell), withoutHarm(theirs));
    if (order <= 0 || by !== "p99") return undefined;
    return `p99 ${ms(cell.summary.p99Ms)}, HAProxy ${ms(theirs.summary.p99Ms)}`;
  });
}

function judgeHedging(results: Results, product: Product): Verdict {
  return verdict(bars.hedging, product.name, cellsBy(results, product, "sluggish"), (cell) => {
    const { p999Ms, worstMs } = cell.summary;
    if (p999Ms < HEDGED_P999_MS && worstMs < HEDGED_WORST_MS) return undefined;
    return `p99.9 ${ms(p999Ms)}, worst ${ms(worstMs)}`;
  });
}

function judgeBest(results: Results): Verdict {
  const losses = lossesOfBest(results);
  const rows = results.scenarios.filter((scenario) => {
    const cells = cellsOf(results, scenario);
    const ours = cells.filter((cell) => isOurs(results, cell)).length;
    return ours > 0 && ours < cells.length;
  });
  return {
    bar: bars.best,
    variant: "the best variant",
    met: rows.length === 0 ? undefined : losses.length === 0,
    misses: [...Map.groupBy(losses, ({ scenario }) => scenario)].map(
      ([{ title }, lost]) =>
        `${title}: better ${lost.length === 1 ? "is" : "are"} ${lost.map(({ theirs }) => theirs.product).join(", ")}`,
    ),
  };
}

function verdict(
  bar: string,
  variant: string,
  cells: readonly Cell[],
  missOf: (cell: Cell) => string | undefined,
): Verdict {
  const misses = cells.flatMap((cell) => {
    const miss = missOf(cell);
    return miss === undefined ? [] : [`${cell.scenario}: ${miss}`];
  });
  return { bar, variant, met: cells.length === 0 ? undefined : misses.length === 0, misses };
}

function cellsBy(results: Results, product: Product, flag: "survivable" | "sluggish"): Cell[] {
  const names = new Set(results.scenarios.filter((one) => one[flag]).map(({ name }) => name));
  return results.cells.filter((cell) => cell.product === product.id && names.has(cell.scenario));
}

function cellsOf({ cells }: Results, { name }: Scenario): Cell[] {
  return cells.filter(({ scenario }) => scenario === name);
}

function isOurs({ products }: Results, cell: Cell): boolean {
  return products.some(({ id, family }) => id === cell.product && family === "evenkeel");
}

function withoutHarm(cell: Cell): Cell {
  return { ...cell, long: undefined, summary: { ...cell.summary, failed: 0, wrong: 0 } };
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
