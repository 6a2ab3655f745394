/**
 * The laboratory's tables as text.
 */
import type { Loss, Results, Verdict } from "../metrics/verdicts.ts";
import { judge, lossesOf, lossesOfBest } from "../metrics/verdicts.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { columnsFor } from "./columns.ts";
import { groupLosses } from "./words.ts";

/** Rows under titles, aligned by column. */
export function alignedText(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  isRight: (column: number) => boolean,
): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isRight(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ")
      .trimEnd();
  return [titles, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

/** A scenario's table, with its title above and where Evenkeel loses below. */
export function scenarioText(results: Results, scenario: Scenario): string {
  const cells = results.cells.filter((cell) => cell.scenario === scenario.name);
  const columns = columnsFor(results.products);
  const table = alignedText(
    columns.map(({ title }) => title),
    cells.map((cell) => columns.map(({ text }) => text(cell))),
    (column) => columns[column]!.align === "right",
  );
  const notes = cells.flatMap(({ product, notes }) => notes.map((note) => `  ${product}: ${note}`));
  const losses = lossesOfBest({ ...results, scenarios: [scenario] });
  const told = groupLosses(results.products, losses).map(({ text }) => `  Evenkeel loses: ${text}`);
  return [`${scenario.name}: ${scenario.title}`, table, ...notes, ...told].join("\n");
}

/** The bars, and every loss of every variant. */
export function closingText(results: Results): string {
  const verdicts = judge(results).filter(({ met }) => met !== undefined);
  const ours = results.products.filter(({ family }) => family === "evenkeel");
  const losses = ours.flatMap((product) => lossesOf(results, product));
  const told = results.products.length > ours.length ? lossesText(results, losses) : [];
  return ["BARS", ...verdicts.map(verdictText), "", ...told].join("\n");
}

function verdictText({ bar, variant, met, misses }: Verdict): string {
  const head = `  ${met ? "met    " : "NOT MET"}  ${variant}: ${bar}`;
  return [head, ...misses.map((miss) => `             ${miss}`)].join("\n");
}

function lossesText({ products }: Results, losses: readonly Loss[]): string[] {
  if (losses.length === 0) return ["No product did better than any variant of Evenkeel."];
  return [
    "WHERE A VARIANT OF EVENKEEL LOSES",
    ...groupLosses(products, losses).map(({ scenario, text }) => `  ${scenario.title}: ${text}`),
  ];
}
