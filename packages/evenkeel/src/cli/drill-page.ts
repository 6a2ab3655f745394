/** The report of a drill as a page. */
import type { DrillReportDocument } from "../admin/drill-document.ts";
import type { Chart, Page, Tone } from "../report/page.ts";
import { timesOf } from "./drill-text.ts";

const tones: Readonly<Record<string, Tone>> = { passed: "good", failed: "bad" };

/** One page: the verdict, the times against what was expected, the timeline and what clients saw. */
export function drillPage(report: DrillReportDocument): Page {
  const verdict = report.verdict ?? "under way";
  return {
    title: `Drill ${report.drill}`,
    summary: report.reasons.length > 0 ? report.reasons.join("; ") : "All expectations were met.",
    verdict: { text: verdict, tone: tones[verdict] ?? "warn" },
    facts: [
      ["run", report.id],
      ["started", report.started_at],
      ["ended", report.ended_at ?? "not yet"],
      ...timesOf(report),
    ],
    sections: [
      { title: "What clients saw", blocks: charts(report) },
      {
        title: "Timeline",
        blocks: [
          {
            kind: "table",
            table: {
              columns: [
                { title: "after", align: "right" },
                { title: "what", align: "left" },
              ],
              rows: report.timeline.map(({ at, text }) => [`${since(report, at)} s`, text]),
            },
          },
        ],
      },
    ],
  };
}

function charts(report: DrillReportDocument): Page["sections"][number]["blocks"] {
  const { samples } = report;
  const marks = report.timeline
    .filter(({ text }) => /^(fault|over|abort)/.test(text))
    .map(({ at, text }) => ({ at: Number(since(report, at)), label: text, tone: "warn" as const }));
  const common = {
    x: { label: "seconds" },
    at: samples.map(({ at }) => Number(since(report, at))),
    marks,
  };
  const requests: Chart = {
    ...common,
    title: "Requests per second and latency",
    left: { label: "requests in the second" },
    right: { label: "ms", scale: "log" },
    series: [
      {
        label: "answered",
        values: samples.map(({ requests: all, failed }) => all - failed),
        axis: "left",
        style: "stacked",
        tone: "good",
      },
      {
        label: "failed",
        values: samples.map(({ failed }) => failed),
        axis: "left",
        style: "stacked",
        tone: "bad",
      },
      {
        label: "p99",
        values: samples.map(({ p99_ms }) => p99_ms ?? undefined),
        axis: "right",
        style: "line",
      },
    ],
  };
  const available: Chart = {
    ...common,
    title: "Endpoints available",
    left: { label: "endpoints" },
    series: [
      {
        label: "available",
        values: samples.map(({ available: count }) => count),
        axis: "left",
        style: "line",
      },
    ],
    heightPx: 160,
  };
  return [
    { kind: "chart", chart: requests },
    { kind: "chart", chart: available },
  ];
}

function since(report: DrillReportDocument, at: string): string {
  return ((Date.parse(at) - Date.parse(report.started_at)) / 1000).toFixed(1);
}
