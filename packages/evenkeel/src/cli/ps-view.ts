/** `evenkeel ps` as text. */
import type { InstanceDocument } from "../admin/process-document.ts";
import { roundedSize } from "../lib/size.ts";
import { duration } from "./status-view.ts";
import type { Paint } from "./style.ts";
import { formatTable, type Column } from "./table.ts";

const columns: readonly Column[] = [
  { title: "NAME", align: "left" },
  { title: "STATE", align: "left" },
  { title: "SINCE", align: "right" },
  { title: "PID", align: "right" },
  { title: "ADDRESS", align: "left" },
  { title: "CPU", align: "right" },
  { title: "MEM", align: "right" },
  { title: "RESTARTS", align: "right" },
  { title: "REASON", align: "left" },
];
const STATE = 1;

/** A line per instance; says so where there is none. */
export function renderProcesses(
  processes: readonly InstanceDocument[],
  nowMs: number,
  paint: Paint,
): string {
  if (processes.length === 0) return "no processes are configured";
  const rows = processes.map((instance) => row(instance, nowMs));
  return formatTable(columns, rows, (text, index, column) =>
    column === STATE ? paint(color(processes[index]!), text) : text,
  ).join("\n");
}

function row(instance: InstanceDocument, nowMs: number): string[] {
  const { pid, address, cpu, memory_bytes: memory } = instance;
  return [
    instance.name,
    instance.state,
    secondsBetween(instance.since, nowMs),
    pid === null ? "-" : String(pid),
    address ?? "-",
    cpu === null ? "-" : `${Math.round(cpu * 100)}%`,
    memory === null ? "-" : roundedSize(memory),
    String(instance.restarts),
    reason(instance, nowMs),
  ];
}

function reason({ reason: why, next_start: next, adopted }: InstanceDocument, nowMs: number) {
  const inS = next === null ? 0 : Math.max(0, Math.ceil((Date.parse(next) - nowMs) / 1000));
  const when = next === null ? "" : `; starts in ${duration(inS)}`;
  return `${why}${when}${adopted && !why.includes("found alive") ? " (adopted)" : ""}`;
}

function color({ state, next_start }: InstanceDocument): "green" | "yellow" | "red" | "gray" {
  if (state === "READY" || state === "RUNNING") return "green";
  if (state === "STOPPED") return "gray";
  if (state === "EXITED") return next_start === null ? "gray" : "red";
  return state === "BACKOFF" || state === "FATAL" || state === "UNKNOWN" ? "red" : "yellow";
}

function secondsBetween(since: string, nowMs: number): string {
  return duration(Math.max(0, Math.floor((nowMs - Date.parse(since)) / 1000)));
}
