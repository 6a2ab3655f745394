/** `evenkeel status` as text. */
import type { EndpointStatus, StatusDocument, UpstreamStatus } from "../admin/status.ts";
import type { Paint } from "./style.ts";
import { formatTable, type Column } from "./table.ts";

const columns: readonly Column[] = [
  { title: "UPSTREAM", align: "left" },
  { title: "ENDPOINT", align: "left" },
  { title: "STATE", align: "left" },
  { title: "SINCE", align: "right" },
  { title: "WEIGHT", align: "right" },
  { title: "IN FLIGHT", align: "right" },
  { title: "RATE", align: "right" },
  { title: "ERRORS", align: "right" },
  { title: "P50", align: "right" },
  { title: "P99", align: "right" },
  { title: "REASON", align: "left" },
];
/** Below it the line on Evenkeel itself takes two. */
const NARROW = 100;
const STATE = 2;
const ERRORS = 7;
const REASON = 10;
/** What a narrow terminal goes without, first to last. */
const dispensable: readonly number[] = ["REASON", "P50", "IN FLIGHT", "SINCE", "WEIGHT"].map(
  (title) => columns.findIndex((column) => column.title === title),
);

/** The whole page: a line on Evenkeel itself, a line per endpoint, and what is out of order. Goes
 * without some columns where the terminal is narrower than `width`; reasons then stand below. Where
 * there are more lines than `height`, those in trouble come first and healthy ones are only counted. */
export function renderStatus(
  status: StatusDocument,
  nowMs: number,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
  height = Number.POSITIVE_INFINITY,
): string {
  const endpoints = status.upstreams.flatMap((upstream) =>
    upstream.endpoints.map((endpoint) => ({ upstream, endpoint })),
  );
  const whole = renderRows(status, endpoints, nowMs, paint, width);
  const spare = whole.top.length + whole.rows.length + whole.below.length - height;
  if (spare <= 0) return [...whole.top, ...whole.rows, ...whole.below].join("\n");
  const isHealthy = ({ endpoint }: Row): boolean => endpoint.state === "healthy";
  const sorted = [...endpoints.filter((one) => !isHealthy(one)), ...endpoints.filter(isHealthy)];
  const cut = renderRows(status, sorted, nowMs, paint, width);
  // What is out of order stands below as well: it may take a third of the screen, no more.
  const below = firstLines(cut.below, Math.max(3, Math.floor(height / 3)));
  const room = Math.max(1, height - cut.top.length - below.length - 1);
  const hidden = sorted.slice(room);
  const more = hidden.every(isHealthy)
    ? `… and ${hidden.length} more healthy`
    : `… and ${hidden.length} more, ${hidden.filter((one) => !isHealthy(one)).length} of them not healthy`;
  const lines = hidden.length > 0 ? [...cut.rows.slice(0, room), more] : cut.rows;
  return [...cut.top, ...lines, ...below].join("\n");
}

interface Row {
  readonly upstream: UpstreamStatus;
  readonly endpoint: EndpointStatus;
}

function firstLines(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more lines`];
}

/** All lines there are: above the endpoints, one for each, and below them. */
function renderRows(
  status: StatusDocument,
  endpoints: readonly Row[],
  nowMs: number,
  paint: Paint,
  width: number,
): { top: string[]; rows: string[]; below: string[] } {
  const rows = endpoints.map(({ upstream, endpoint }, index) =>
    row(upstream, endpoint, upstream !== endpoints[index - 1]?.upstream, nowMs),
  );
  const shown = fittingColumns(rows, width);
  const pick = <T>(cells: readonly T[]): T[] => shown.map((column) => cells[column]!);
  const table = formatTable(pick(columns), rows.map(pick), (text, index, column) => {
    const { endpoint } = endpoints[index]!;
    if (shown[column] === STATE) return paint(stateColor(endpoint), text);
    return shown[column] === ERRORS && endpoint.error_ratio > 0 ? paint("red", text) : text;
  });
  const head = headline(status, paint, width);
  const reasons = shown.includes(REASON)
    ? []
    : endpoints
        .filter(({ endpoint }) => endpoint.state !== "healthy")
        .map(
          ({ upstream, endpoint }) =>
            `${upstream.name}: ${endpoint.name}: ${reason(endpoint, nowMs)}`,
        );
  const below = [...reasons, ...troubles(status, paint)];
  const [titles = "", ...lines] = table;
  return {
    top: [...head.split("\n"), "", titles],
    rows: lines,
    below: below.length > 0 ? ["", ...below] : [],
  };
}

/** Positions of the columns that the width has room for. */
function fittingColumns(rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ title }, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]!.length), title.length),
  );
  let shown = [...columns.keys()];
  const needed = (): number => shown.reduce((sum, column) => sum + widths[column]! + 2, -2);
  for (const column of dispensable) {
    if (needed() > width) shown = shown.filter((one) => one !== column);
  }
  return shown;
}

function headline(status: StatusDocument, paint: Paint, width: number): string {
  const ready = status.ready ? paint("green", "ready") : paint("red", status.ready_reason);
  const running = status.proxies.filter(({ state }) => state === "running").length;
  const connections = status.proxies.reduce((sum, one) => sum + one.client_connections, 0);
  const state = `evenkeel ${status.version}  ${ready}  up ${duration(status.uptime_s)}`;
  const load = `${running} of ${status.proxies.length} proxies  ${connections} connections`;
  const context = `configuration ${status.config.version}  (last ${status.window_s} s)`;
  return `${state}  ${load}${width < NARROW ? "\n" : "  "}${context}`;
}

function row(
  upstream: UpstreamStatus,
  endpoint: EndpointStatus,
  isFirst: boolean,
  nowMs: number,
): string[] {
  return [
    isFirst ? upstream.name : "",
    endpoint.backup ? `${endpoint.name} (backup)` : endpoint.name,
    endpoint.state.replaceAll("_", " "),
    ago(endpoint.since, nowMs),
    weight(endpoint),
    String(endpoint.in_flight),
    rate(endpoint.rate),
    endpoint.rate === 0 ? "-" : percent(endpoint.error_ratio),
    latency(endpoint.p50_ms),
    latency(endpoint.p99_ms),
    reason(endpoint, nowMs),
  ];
}

function troubles(status: StatusDocument, paint: Paint): string[] {
  const lines: string[] = [];
  for (const { name, panic, breaker, queued, endpoints } of status.upstreams) {
    if (endpoints.length === 0) lines.push(paint("red", `${name}: has no endpoints`));
    if (panic)
      lines.push(paint("red", `${name}: panic, endpoints that were judged bad get traffic, too`));
    if (breaker !== "closed") {
      lines.push(paint("red", `${name}: the circuit breaker is ${breaker.replace("_", " ")}`));
    }
    if (queued > 0) lines.push(paint("yellow", `${name}: ${queued} requests wait`));
  }
  for (const { proxy, state, failed } of status.proxies) {
    if (state !== "running") lines.push(paint("red", `proxy ${proxy} is ${state}`));
    for (const address of failed) lines.push(paint("red", `proxy ${proxy} can't have ${address}`));
  }
  if (!status.config.last_reload_ok) {
    lines.push(paint("red", "the last reload was refused:"), ...status.config.problems);
  }
  return [...lines, ...healingTroubles(status.healing, paint)];
}

function healingTroubles(healing: StatusDocument["healing"], paint: Paint): string[] {
  const { instances, instances_down: down, incidents_open: open, alerts, frozen } = healing;
  const firing = Object.entries(alerts).filter(([, count]) => count > 0);
  const lines: string[] = [];
  if (down > 0) lines.push(paint("red", `${down} of ${instances} instances are down: evenkeel ps`));
  if (open > 0) lines.push(paint("red", `incidents open: ${open}: evenkeel incidents`));
  if (firing.length > 0) {
    const counts = firing.map(([severity, count]) => `${count} ${severity}`).join(", ");
    lines.push(paint("red", `alerts firing: ${counts}: evenkeel alerts`));
  }
  if (frozen !== null) lines.push(paint("red", `recovery is frozen ${frozen}`));
  if (healing.history_problem !== null) lines.push(paint("red", healing.history_problem));
  if (healing.drill !== null) lines.push(paint("yellow", `drill ${healing.drill} is under way`));
  if (healing.unproven_plans.length > 0) {
    const names = healing.unproven_plans.join(", ");
    lines.push(paint("yellow", `no drill proved these plans lately: ${names}`));
  }
  return lines;
}

function stateColor({ state, available }: EndpointStatus): "green" | "yellow" | "red" {
  if (state === "healthy") return "green";
  return available || state === "warming" || state === "draining" || state === "probing"
    ? "yellow"
    : "red";
}

/** "3", "0.6 of 3" while it is built up, "7 (set)" where the operator set it. */
function weight(endpoint: EndpointStatus): string {
  const wanted = endpoint.operator_weight ?? endpoint.configured_weight;
  const shown = Math.round(endpoint.weight * 10) / 10;
  const text = shown === wanted ? String(shown) : `${shown} of ${wanted}`;
  return endpoint.operator_weight === null ? text : `${text} (set)`;
}

function reason({ reason: why, until }: EndpointStatus, nowMs: number): string {
  if (until === null) return why;
  const leftS = Math.max(0, Math.round((Date.parse(until) - nowMs) / 1000));
  return `${why} (back in ${duration(leftS)})`;
}

const ago = (since: string, nowMs: number): string =>
  duration(Math.max(0, Math.floor((nowMs - Date.parse(since)) / 1000)));

/** The two largest units: "3d 4h", "12m 5s", "7s". */
export function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

const rate = (perSecond: number): string =>
  perSecond === 0 ? "-" : `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;

const percent = (ratio: number): string =>
  ratio === 0 ? "0%" : ratio < 0.01 ? "<1%" : `${Math.round(ratio * 100)}%`;

function latency(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 1) return `${Math.round(ms * 1000)}us`;
  if (ms < 10) return `${ms.toFixed(1)}ms`;
  return ms < 1000 ? `${Math.round(ms)}ms` : `${(ms / 1000).toFixed(1)}s`;
}
