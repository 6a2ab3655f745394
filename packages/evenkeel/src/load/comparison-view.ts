/** A comparison with an earlier run as a table and as a section of the page. */
import type { Block, Section, Table } from "../report/page.ts";
import type { BenchResult } from "./bench-result.ts";
import { spectrumChart } from "./charts.ts";
import { changePercent, compareResults } from "./compare-results.ts";
import { describeKnee } from "./knee.ts";
import { formatAmount, formatChange, formatPercent, formatUs } from "./number-format.ts";

/** One row per load that both runs measured: earlier, now and the change. */
export function comparisonTable(earlier: BenchResult, now: BenchResult): Table {
  const { pairs } = compareResults(earlier, now);
  const titles = ["p50", "p99", "p99.9"] as const;
  return {
    columns: [
      { title: now.settings.mode === "open" ? "offered/s" : "connections", align: "right" },
      ...["achieved/s", ...titles, "errors"].flatMap((title) => [
        { title: `${title} before`, align: "right" } as const,
        { title: "now", align: "right" } as const,
        ...(title === "errors" ? [] : [{ title: "change", align: "right" } as const]),
      ]),
    ],
    rows: pairs.map(({ load, earlier: before, now: after }) => [
      formatAmount(load),
      formatAmount(before.achieved_per_s),
      formatAmount(after.achieved_per_s),
      formatChange(changePercent(before.achieved_per_s, after.achieved_per_s)),
      ...(["p50", "p99", "p99_9"] as const).flatMap((key) => [
        formatUs(before.latency_us[key]),
        formatUs(after.latency_us[key]),
        formatChange(changePercent(before.latency_us[key], after.latency_us[key])),
      ]),
      formatPercent(before.errors.percent),
      formatPercent(after.errors.percent),
    ]),
  };
}

/** What else is to be said, a line each. */
export function comparisonNotes(earlier: BenchResult, now: BenchResult): string[] {
  const { pairs, differences } = compareResults(earlier, now);
  const invalid = pairs.filter(
    (pair) => pair.earlier.verdict === "invalid" || pair.now.verdict === "invalid",
  );
  return [
    `Earlier run of ${earlier.started_at}: ${describeKnee(earlier.knee, earlier.settings.mode)}`,
    ...(pairs.length === 0 ? ["No load was measured in both runs."] : []),
    ...invalid.map(
      ({ load }) => `At ${formatAmount(load)} a generator could not keep up: don't compare.`,
    ),
    ...(differences.length === 0
      ? []
      : [`The runs differ besides the service: ${differences.join("; ")}.`]),
  ];
}

/** Table, notes, and the spectra of the highest load that both measured, over each other. */
export function comparisonSection(earlier: BenchResult, now: BenchResult): Section {
  const highest = compareResults(earlier, now).pairs.at(-1);
  const chart =
    highest &&
    spectrumChart(`Percentile spectrum at ${formatAmount(highest.load)}`, [
      { label: "earlier", step: highest.earlier },
      { label: "now", step: highest.now },
    ]);
  const blocks: Block[] = comparisonNotes(earlier, now).map((text) => ({ kind: "text", text }));
  blocks.push({ kind: "table", table: comparisonTable(earlier, now) });
  if (chart) blocks.push({ kind: "chart", chart });
  return { title: "Against the earlier run", blocks };
}
