/** A run as a report. */
import type { Block, Page, Section } from "../report/page.ts";
import type { BenchResult } from "./bench-result.ts";
import { chosenSteps, loadChart, spectrumChart, timelineChart } from "./charts.ts";
import { comparisonSection } from "./comparison-view.ts";
import { describeKnee, kneeRule } from "./knee.ts";
import { formatAmount, formatPercent, formatUs } from "./number-format.ts";
import { stepNotes, stepTable } from "./step-table.ts";

/** The page of a run, beside an earlier one where there is one. */
export function benchPage(result: BenchResult, earlier?: BenchResult): Page {
  const { settings, steps, knee } = result;
  const unit = settings.mode === "open" ? "/s" : " connections";
  const spectrum = spectrumChart(
    "Percentile spectrum",
    chosenSteps(result).map((step) => ({ label: `${formatAmount(step.load)}${unit}`, step })),
  );
  const lateness = latenessNote(result);
  const charts: Block[] = [];
  if (steps.length > 1) charts.push({ kind: "chart", chart: loadChart(result) });
  if (spectrum) charts.push({ kind: "chart", chart: spectrum });
  charts.push({ kind: "chart", chart: timelineChart(result) });
  const sections: Section[] = [
    {
      title: "Steps",
      blocks: [
        { kind: "table", table: stepTable(result) },
        { kind: "text", text: meaningOf(settings.mode) },
        ...notesBlocks(result),
        ...(lateness === undefined ? [] : [{ kind: "text", text: lateness } as const]),
      ],
    },
    { title: "Charts", blocks: charts },
    ...(earlier ? [comparisonSection(earlier, result)] : []),
    generatorSection(result),
  ];
  return {
    title: `Load test of ${settings.url}`,
    summary: summaryOf(result),
    verdict: { text: verdictText(result), tone: toneOf(knee.kind) },
    facts: factsOf(result),
    sections,
  };
}

/** What latency means here. */
export function meaningOf(mode: "open" | "closed"): string {
  return mode === "open"
    ? "Open loop: latency counts from when a request was due, so waiting behind a stall counts too."
    : "Closed loop: latency is service time, counted from when a request was sent. While the service " +
        "stalls nothing is sent, so its percentiles leave out what other clients would have waited " +
        "(coordinated omission).";
}

/** The answer in a sentence, as for the terminal. */
export function verdictText(result: BenchResult): string {
  const { knee, steps, settings } = result;
  const [only] = steps;
  if (steps.length !== 1 || !only) return describeKnee(knee, settings.mode);
  const load =
    settings.mode === "open"
      ? `${formatAmount(only.load)}/s`
      : `${formatAmount(only.load)} connections`;
  const words = { met: "met", missed: "missed", invalid: "could not be measured at" } as const;
  return only.verdict === "invalid"
    ? `The generator could not keep up at ${load}.`
    : `${settings.slo} ${words[only.verdict]} at ${load}.`;
}

function toneOf(kind: BenchResult["knee"]["kind"]): "good" | "bad" | "warn" {
  if (kind === "found" || kind === "at-least") return "good";
  return kind === "below" ? "bad" : "warn";
}

/** How much of the latencies may be the generator's own lateness; undefined for nothing worth a
 * word. */
export function latenessNote({ steps, settings }: BenchResult): string | undefined {
  const late = steps.filter(
    (step) => step.verdict !== "invalid" && step.generator.lag_p99_us > step.latency_us.p99 / 10,
  );
  if (late.length === 0) return undefined;
  const most = Math.max(...late.map((step) => step.generator.lag_p99_us));
  const where = late.length === steps.length ? "" : ` in ${late.length} of ${steps.length} steps`;
  return (
    `More than a tenth of the p99 may be the generator's own lateness${where}: it sent up to ` +
    `${formatUs(most)} late at its p99.${settings.polling ? "" : " --precise lowers that."}`
  );
}

function summaryOf({ settings, steps, interrupted, started_at, duration_s }: BenchResult): string {
  const kind = settings.mode === "open" ? "open loop" : "closed loop";
  const end = interrupted ? " It was interrupted; what was measured by then is here." : "";
  return (
    `${steps.length === 1 ? "One step" : `${steps.length} steps`} of ${settings.hold_s} s, ${kind}, ` +
    `${settings.method} ${settings.url}; ${started_at}, ${Math.round(duration_s)} s in all.${end}`
  );
}

function factsOf({ settings, machine, evenkeel }: BenchResult): (readonly [string, string])[] {
  return [
    ["SLO", settings.slo],
    ["Knee", kneeRule],
    ["Address", settings.address],
    ["Expected statuses", settings.expect],
    [
      "Hold, warm-up, settle",
      `${settings.hold_s} s, ${settings.warm_up_s} s, ${settings.settle_s} s`,
    ],
    ["Timeout", `${settings.timeout_s} s`],
    [
      "Connections",
      settings.max_connections === null ? "as listed" : `up to ${settings.max_connections}`,
    ],
    ["Keep-alive", settings.keep_alive ? "on" : "off"],
    ["Threads", `${settings.threads}${settings.polling ? ", polling" : ""}`],
    ["Machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB`],
    ["System", `${machine.system}, Node ${machine.node}, Evenkeel ${evenkeel}, ${machine.name}`],
  ];
}

function notesBlocks(result: BenchResult): Block[] {
  const unit = result.settings.mode === "open" ? "/s" : " connections";
  return result.steps.flatMap((step) =>
    stepNotes(step, result.settings).map((text): Block => ({
      kind: "text",
      text: `${formatAmount(step.load)}${unit}: ${text}`,
      tone: "warn",
    })),
  );
}

function generatorSection({ steps, settings }: BenchResult): Section {
  return {
    title: "The generator itself",
    collapsed: true,
    blocks: [
      {
        kind: "text",
        text:
          "Lag: how late requests went out although a connection was free. A step is invalid where lag or " +
          "event-loop delay is above 2 ms and above a tenth of the p99 it is part of, or where a thread " +
          "was busy for more than 95% of the time or waited for a processor for more than 30% (polling: 10%).",
      },
      {
        kind: "table",
        table: {
          columns: [
            settings.mode === "open" ? "offered/s" : "connections",
            "lag p99",
            "lag max",
            "loop delay p99",
            "busy per thread",
            "waited for a processor",
            "connections open",
            "waited for one",
          ].map((title) => ({ title, align: "right" })),
          rows: steps.map((step) => [
            formatAmount(step.load),
            `${step.generator.lag_p99_us} us`,
            `${step.generator.lag_max_us} us`,
            `${Math.max(0, ...step.generator.threads.map((thread) => thread.loop_delay_p99_ms))} ms`,
            step.generator.threads
              .map((thread) => `${Math.round(thread.busy_percent)}%`)
              .join(", "),
            step.generator.threads
              .map((thread) => `${Math.round(thread.cpu_wait_percent)}%`)
              .join(", "),
            formatAmount(step.open_connections),
            formatPercent(
              step.requests === 0 ? 0 : (step.waited_for_connection * 100) / step.requests,
            ),
          ]),
        },
      },
    ],
  };
}
