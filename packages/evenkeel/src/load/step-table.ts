/** The steps of a run as a table, for the terminal and the page alike. */
import type { Cell, Table } from "../report/page.ts";
import type { BenchResult, StepResult } from "./bench-result.ts";
import { failureKinds } from "./failure-kind.ts";
import { formatAmount, formatPercent, formatUs } from "./number-format.ts";

/** One row per step, by load. */
export function stepTable({ settings, steps }: Pick<BenchResult, "settings" | "steps">): Table {
  const load = settings.mode === "open" ? "offered/s" : "connections";
  return {
    columns: [
      ...[load, "achieved/s", "p50", "p90", "p99", "p99.9", "max", "errors"].map(
        (title) => ({ title, align: "right" }) as const,
      ),
      { title: "verdict", align: "left" },
    ],
    rows: steps.map((step) => [formatAmount(step.load), ...measuredCells(step)]),
  };
}

/** What every row about a step shows, from "achieved" on. */
export function measuredCells(step: StepResult): Cell[] {
  const { latency_us: latency, errors } = step;
  return [
    formatAmount(step.achieved_per_s),
    formatUs(latency.p50),
    formatUs(latency.p90),
    formatUs(latency.p99),
    formatUs(latency.p99_9),
    formatUs(latency.max),
    errors.total === 0
      ? "0%"
      : { text: formatPercent(errors.percent), tone: errors.percent >= 1 ? "bad" : "warn" },
    verdictCell(step),
  ];
}

/** "met", "missed: p99 80ms, not < 50ms", "INVALID: …". */
export function verdictCell({ verdict, reasons, cut_short }: StepResult): Cell {
  const word = verdict === "invalid" ? "INVALID" : verdict;
  const text = `${word}${cut_short ? " (cut short)" : ""}${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`;
  return { text, tone: verdict === "met" ? "good" : verdict === "missed" ? "bad" : "warn" };
}

/** The errors of a step by kind: "12 timeout, 3 reset"; empty where there are none. */
export function errorKinds({ errors }: StepResult): string {
  return failureKinds
    .filter((kind) => errors[kind] > 0)
    .map((kind) => `${formatAmount(errors[kind])} ${kind}`)
    .join(", ");
}

/** What the reader of a step should know besides its numbers; empty for nothing. */
export function stepNotes(
  step: StepResult,
  { max_connections: most }: { readonly max_connections: number | null },
): string[] {
  const notes: string[] = [];
  if (step.errors.total > 0) {
    const reasons = step.error_reasons.slice(0, 5);
    notes.push(
      `${errorKinds(step)}: ${reasons.map(({ reason, count }) => `${reason} (${formatAmount(count)})`).join(", ")}`,
    );
  }
  const waited = step.requests === 0 ? 0 : step.waited_for_connection / step.requests;
  if (most !== null && waited > 0.01 && step.open_connections >= most) {
    notes.push(
      `${formatPercent(waited * 100)} of the requests waited because all ${formatAmount(most)} connections were busy; ` +
        "the wait counts. The limit that was reached may be this one, not the service's: try more --max-connections",
    );
  }
  return notes;
}
