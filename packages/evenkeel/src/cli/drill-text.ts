/** Drills in the terminal. */
import type {
  DrillDocument,
  DrillReportDocument,
  DrillRunDocument,
} from "../admin/drill-document.ts";
import type { Paint } from "./style.ts";
import { formatTable } from "./table.ts";

/** What was measured, as names and values. */
export function timesOf(
  report: DrillReportDocument,
): readonly (readonly [name: string, value: string])[] {
  const { requests, failed } = report;
  const share = requests === 0 ? "" : ` (${((failed / requests) * 100).toFixed(2)} %)`;
  return [
    ["detected after", inSeconds(report.detected_ms)],
    ["recovered after", inSeconds(report.recovered_ms)],
    ["requests", String(requests)],
    ["failed", `${failed}${share}`],
    ["healed by", report.plan ?? "no plan"],
    ["incident", report.incident === null ? "none" : String(report.incident)],
  ];
}

/** The end of a run in a few lines. */
export function reportLines(report: DrillReportDocument, paint: Paint): readonly string[] {
  const verdict = report.verdict ?? "under way";
  return [
    `${paint(colorOf(report.verdict), paint("bold", verdict))}  ${report.drill}`,
    ...report.reasons.map((reason) => `  ${reason}`),
    "",
    ...timesOf(report).map(([name, value]) => `  ${name.padEnd(16)}${value}`),
  ];
}

/** One moment of the timeline. */
export function momentLine(report: DrillReportDocument, at: string, text: string): string {
  const after = (Date.parse(at) - Date.parse(report.started_at)) / 1000;
  return `${after.toFixed(1).padStart(6)} s  ${text}`;
}

/** The table of all drills. */
export function drillLines(drills: readonly DrillDocument[], paint: Paint): readonly string[] {
  if (drills.length === 0) return ["no drills are configured"];
  const verdicts = drills.map(({ last }) => (last ? (last.verdict ?? "under way") : "never run"));
  return formatTable(
    [
      { title: "DRILL", align: "left" },
      { title: "LAST", align: "left" },
      { title: "WHEN", align: "left" },
      { title: "NEXT DUE", align: "left" },
      { title: "SAYS", align: "left" },
    ],
    drills.map(({ name, last, next_due: due }, row) => [
      name,
      verdicts[row]!,
      last ? shortTime(last.started_at) : "-",
      due === null ? "when asked" : shortTime(due),
      last?.text ?? "",
    ]),
    (text, row, column) => (column === 1 ? paint(colorOf(drills[row]!.last?.verdict), text) : text),
  );
}

function colorOf(
  verdict: DrillRunDocument["verdict"] | undefined,
): "green" | "red" | "yellow" | "gray" {
  if (verdict === "passed") return "green";
  if (verdict === "failed") return "red";
  return verdict ? "yellow" : "gray";
}

const inSeconds = (ms: number | null): string =>
  ms === null ? "never" : `${(ms / 1000).toFixed(1)} s`;
const shortTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
