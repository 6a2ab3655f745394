/** Incidents as text. */
import type {
  IncidentDocument,
  IncidentWithTimeline,
  SpreadDocument,
  TimesDocument,
} from "../admin/incident-document.ts";
import { duration } from "./status-view.ts";
import type { Paint } from "./style.ts";
import { formatTable, type Column } from "./table.ts";

const columns: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "STATE", align: "left" },
  { title: "AGE", align: "right" },
  { title: "OBJECT", align: "left" },
  { title: "PLAN", align: "left" },
  { title: "BY", align: "left" },
  { title: "DETECTED", align: "right" },
  { title: "MITIGATED", align: "right" },
  { title: "WHAT", align: "left" },
];
const STATE = 1;

/** A line per incident, newest first; says so where there is none. */
export function renderIncidents(
  incidents: readonly IncidentDocument[],
  nowMs: number,
  paint: Paint,
): string {
  if (incidents.length === 0) return "no incidents are known";
  const rows = incidents.map((incident) => [
    String(incident.id),
    incident.state,
    duration(Math.max(0, (nowMs - Date.parse(incident.detected_at)) / 1000)),
    incident.object,
    incident.plan ?? "-",
    handlingOf(incident),
    after(incident, incident.detected_at),
    after(incident, incident.mitigated_at),
    incident.title,
  ]);
  return formatTable(columns, rows, (text, row, column) =>
    column === STATE ? paint(colorOf(incidents[row]!), text) : text,
  ).join("\n");
}

/** One incident: what is known of it, and its timeline in seconds since the first bad sample. */
export function renderIncident(incident: IncidentWithTimeline, paint: Paint): string {
  const { id, state, title, object, plan, drill, timeline } = incident;
  const facts: readonly (readonly [string, string | null])[] = [
    ["object", object],
    ["plan", plan],
    ["drill", drill],
    ["handled by", incident.handling === "auto" ? "nobody was needed" : "a person"],
    ["seen by", incident.acknowledged_by],
    ["fault", incident.fault_at],
    ["detected", withAfter(incident, incident.detected_at)],
    ["first action", withAfter(incident, incident.action_at)],
    ["mitigated", withAfter(incident, incident.mitigated_at)],
    ["resolved", withAfter(incident, incident.resolved_at)],
  ];
  const known = facts.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name.padEnd(14)}${value}`],
  );
  const rows = timeline.map(({ at, kind, text }) => [
    `${seconds(incident, at).toFixed(1)} s`,
    kind,
    harmless(text).replaceAll("\n", "\n".padEnd(28)),
  ]);
  const table = formatTable(
    [
      { title: "AFTER", align: "right" },
      { title: "KIND", align: "left" },
      { title: "WHAT", align: "left" },
    ],
    rows,
  );
  const head = `incident ${id}: ${paint(colorOf(incident), state)}  ${title}`;
  return [head, ...known, "", ...table].join("\n");
}

/** Part of it is what programs and others wrote: nothing of that may steer a terminal. */
function harmless(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, "\u{fffd}");
}

const timesColumns: readonly Column[] = [
  { title: "PLAN", align: "left" },
  { title: "BY", align: "left" },
  { title: "IN", align: "left" },
  ...["DETECT", "MITIGATE", "RESOLVE"].flatMap((what): Column[] => [
    { title: `${what} N`, align: "right" },
    { title: "MEAN", align: "right" },
    { title: "MEDIAN", align: "right" },
    { title: "P90", align: "right" },
  ]),
];

/** How long it took from the first bad sample: apart by plan, by who was needed, and by whether it was
 * a drill. */
export function renderTimes(times: readonly TimesDocument[], days: number): string {
  if (times.length === 0) return `no incidents within the last ${days} days`;
  const rows = times.map(({ plan, handling, drill, detect_s, mitigate_s, resolve_s }) => [
    plan === "" ? "-" : plan,
    handling,
    drill ? "drill" : "earnest",
    ...[detect_s, mitigate_s, resolve_s].flatMap(spreadCells),
  ]);
  const head = `seconds from the first bad sample, last ${days} days`;
  return [head, ...formatTable(timesColumns, rows)].join("\n");
}

function spreadCells({ n, mean, median, p90 }: SpreadDocument): string[] {
  return [
    String(n),
    ...[mean, median, p90].map((value) => (value === null ? "-" : value.toFixed(1))),
  ];
}

function handlingOf({ handling, drill }: IncidentDocument): string {
  const who = handling === "auto" ? "auto" : "human";
  return drill === null ? who : `${who}, drill`;
}

function colorOf({ state, handling }: IncidentDocument): "green" | "yellow" | "red" {
  if (state === "resolved") return "green";
  return state === "open" && handling === "human" ? "red" : "yellow";
}

function seconds({ fault_at: fault }: IncidentDocument, at: string): number {
  return (Date.parse(at) - Date.parse(fault)) / 1000;
}

function after(incident: IncidentDocument, at: string | null): string {
  return at === null ? "-" : `${seconds(incident, at).toFixed(1)} s`;
}

function withAfter(incident: IncidentDocument, at: string | null): string | null {
  return at === null ? null : `${at}  after ${after(incident, at)}`;
}
