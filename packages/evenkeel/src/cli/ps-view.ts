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
const REASON = 8;
/** What a narrow terminal goes without, first to last. */
const dispensable: readonly number[] = [REASON, ...["RESTARTS", "CPU", "SINCE"].map(positionOf)];

/** A line per instance, and what runs by older settings; says so where there is nothing. Goes without
 * some columns where the terminal is narrower than `width`; reasons then stand below, of those that
 * are not well. */
export function renderProcesses(
  processes: readonly InstanceDocument[],
  nowMs: number,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): string {
  if (processes.length === 0) return "there are no instances";
  const rows = processes.map((instance) => row(instance, nowMs));
  const shown = fittingColumns(rows, width);
  const pick = <T>(cells: readonly T[]): T[] => shown.map((column) => cells[column]!);
  const table = formatTable(pick(columns), rows.map(pick), (text, index, column) =>
    shown[column] === STATE ? paint(color(processes[index]!), text) : text,
  );
  const reasons = shown.includes(REASON)
    ? []
    : processes
        .filter((instance) => color(instance) !== "green" && !instance.done)
        .map((instance) => `${instance.name}: ${reason(instance, nowMs)}`);
  const below = [...reasons, ...outdated(processes)];
  return [...table, ...(below.length > 0 ? ["", ...below] : [])].join("\n");
}

function positionOf(title: string): number {
  return columns.findIndex((column) => column.title === title);
}

/** Positions of the columns that the width has room for. */
function fittingColumns(rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ title }, column) =>
    rows.reduce((widest, cells) => Math.max(widest, cells[column]!.length), title.length),
  );
  let shown = [...columns.keys()];
  const needed = (): number => shown.reduce((sum, column) => sum + widths[column]! + 2, -2);
  for (const column of dispensable) {
    if (needed() > width) shown = shown.filter((one) => one !== column);
  }
  return shown;
}

/** A line for each process whose instances run by other settings than they are to. */
function outdated(processes: readonly InstanceDocument[]): string[] {
  const old = Map.groupBy(
    processes.filter((one) => one.outdated !== null),
    (one) => one.process,
  );
  return [...old].map(([name, instances]) => {
    const count = `${instances.length} ${instances.length === 1 ? "instance runs" : "instances run"}`;
    const todo = `evenkeel reload ${name} tries again, evenkeel rollback ${name} stays with them`;
    return `${name}: ${count} by older settings: ${instances[0]!.outdated}. ${todo}`;
  });
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

function reason(instance: InstanceDocument, nowMs: number): string {
  const { name, state, reason: why, next_start: next, adopted } = instance;
  if (state === "FATAL" && next === null) return `${why}; evenkeel start ${name} tries again`;
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
