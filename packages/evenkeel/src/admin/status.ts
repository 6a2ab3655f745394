/** The shape of `GET /status`, and how it is put together. */
import {
  endpointCounter,
  endpointRow,
  upstreamCounter,
  upstreamRow,
  workerGauge,
  type Board,
} from "../board/board.ts";
import type { EndpointHealth } from "../health/contract.ts";
import type { ProxyFacts } from "../snapshot/messages.ts";
import type { Snapshot, UpstreamSnapshot } from "../snapshot/snapshot.ts";
import type { HealingFacts } from "../telemetry/healing-metrics.ts";
import type { ControlFacts } from "../telemetry/sources.ts";
import { sum, sumLatency } from "../telemetry/sums.ts";
import type { ActivityWindow, RowReader } from "../telemetry/window.ts";

/** Rate, errors and duration over the last seconds; see `StatusDocument.window_s`. */
export interface ActivityStatus {
  readonly rate: number;
  /** An endpoint's counts failed attempts; an upstream's, requests that failed in the end. */
  readonly error_ratio: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
}

export interface EndpointStatus extends ActivityStatus {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  /** ISO 8601, as all times here. */
  readonly since: string;
  /** When it may return by itself; null where nothing is scheduled. */
  readonly until: string | null;
  readonly available: boolean;
  readonly backup: boolean;
  readonly weight: number;
  readonly configured_weight: number;
  /** What the operator set; null for nothing. */
  readonly operator_weight: number | null;
  readonly in_flight: number;
  readonly times_ejected: number;
  readonly last_check: {
    readonly passed: boolean;
    readonly at: string;
    readonly took_ms: number;
    readonly detail: string;
  } | null;
}

export interface UpstreamStatus extends ActivityStatus {
  readonly name: string;
  readonly policy: string;
  readonly panic: boolean;
  readonly breaker: "closed" | "open" | "half_open";
  readonly in_flight: number;
  readonly queued: number;
  readonly retries_total: number;
  readonly endpoints: readonly EndpointStatus[];
}

export interface ProxyStatus {
  readonly proxy: number;
  readonly state: string;
  readonly started_at: string;
  readonly restarts: number;
  readonly snapshot_version: number;
  readonly client_connections: number;
  readonly requests_in_flight: number;
  readonly loop_lag_p99_ms: number;
  readonly loop_utilization: number;
  readonly listening: readonly string[];
  readonly failed: readonly string[];
}

export interface StatusDocument {
  readonly version: string;
  readonly started_at: string;
  readonly uptime_s: number;
  readonly ready: boolean;
  readonly ready_reason: string;
  readonly config: {
    readonly file: string;
    readonly version: number;
    readonly reloads_accepted: number;
    readonly reloads_refused: number;
    readonly last_reload_at: string;
    readonly last_reload_ok: boolean;
    /** Of the last reload, where it was refused. */
    readonly problems: readonly string[];
  };
  readonly control_restarts: number;
  /** How far back rates, errors and percentiles look. */
  readonly window_s: number;
  readonly proxies: readonly ProxyStatus[];
  readonly upstreams: readonly UpstreamStatus[];
  readonly healing: HealingStatus;
}

/** What acts by itself, in short; `/processes`, `/incidents`, `/plans`, `/alerts` and `/drills` say
 * more. */
export interface HealingStatus {
  readonly instances: number;
  /** Instances that are neither ready nor running, though nobody stopped them and their work is not
   * done. */
  readonly instances_down: number;
  readonly incidents_open: number;
  /** Firing alerts by severity. */
  readonly alerts: Readonly<Record<string, number>>;
  /** Who froze recovery and why; null while plans may act. */
  readonly frozen: string | null;
  /** Plans that no drill proved lately. */
  readonly unproven_plans: readonly string[];
  /** The drill under way. */
  readonly drill: string | null;
  /** What keeps ledger and incidents from being written; null while all is well. */
  readonly history_problem: string | null;
}

/** Everything a status is made of. */
export interface StatusSources {
  readonly board: Board;
  readonly snapshot: Snapshot;
  readonly health: readonly EndpointHealth[];
  readonly panicking: readonly string[];
  readonly proxies: readonly ProxyFacts[];
  readonly facts: ControlFacts;
  readonly healing: HealingFacts;
  readonly readiness: Readiness;
  readonly configFile: string;
  readonly problems: readonly string[];
  readonly activity: ActivityWindow;
  readonly windowMs: number;
  readonly nowMs: number;
}

/** Whether traffic should be sent here, and why not. */
export interface Readiness {
  readonly ready: boolean;
  readonly reason: string;
}

/** Ready while at least one proxy listens on everything and nobody shuts down. */
export function readiness(proxies: readonly ProxyFacts[], draining: boolean): Readiness {
  if (draining) return { ready: false, reason: "shutting down" };
  if (proxies.length === 0) return { ready: false, reason: "starting" };
  const running = proxies.filter(({ state }) => state === "running");
  if (running.length === 0) return { ready: false, reason: "no proxy thread is running" };
  if (running.some(({ failed }) => failed.length === 0)) return { ready: true, reason: "ready" };
  const failed = running[0]!.failed.map(({ listener }) => listener).join(", ");
  return { ready: false, reason: `can't listen: ${failed}` };
}

/** Keys of the activity window's rows. */
export const upstreamKey = (upstream: string): string => `u:${upstream}`;
/** Unambiguous for any two names: the length keeps them apart. */
export const endpointKey = (upstream: string, endpoint: string): string =>
  `e:${upstream.length}:${upstream}${endpoint}`;

/** The rows that a status looks at, for `ActivityWindow.sample`. */
export function activityRows(board: Board, snapshot: Snapshot): Map<string, RowReader> {
  const rows = new Map<string, RowReader>();
  for (const upstream of snapshot.upstreams) {
    const start = upstreamRow(upstream.slot);
    rows.set(upstreamKey(upstream.name), {
      requests: () => sum(board, "upstream", start, upstreamCounter.requests),
      failures: () => sum(board, "upstream", start, upstreamCounter.failedRequests),
      latencySumUs: () => sum(board, "upstream", start, upstreamCounter.latencySumUs),
      latency: (into) => sumLatency(board, "upstream", upstream.slot, into),
    });
    for (const { name, slot } of upstream.endpoints) {
      const row = endpointRow(slot);
      rows.set(endpointKey(upstream.name, name), {
        requests: () => sum(board, "endpoint", row, endpointCounter.requests),
        failures: () => sum(board, "endpoint", row, endpointCounter.failures),
        latencySumUs: () => sum(board, "endpoint", row, endpointCounter.latencySumUs),
        latency: (into) => sumLatency(board, "endpoint", slot, into),
      });
    }
  }
  return rows;
}

/** The document; reads the board, changes nothing. */
export function buildStatus(sources: StatusSources): StatusDocument {
  const { facts, nowMs } = sources;
  const byKey = new Map(
    sources.health.map((one) => [endpointKey(one.upstream, one.endpoint), one] as const),
  );
  return {
    version: facts.version,
    started_at: iso(facts.startedAtMs),
    uptime_s: Math.floor((nowMs - facts.startedAtMs) / 1000),
    ready: sources.readiness.ready,
    ready_reason: sources.readiness.reason,
    config: {
      file: sources.configFile,
      version: facts.configVersion,
      reloads_accepted: facts.reloadsAccepted,
      reloads_refused: facts.reloadsRefused,
      last_reload_at: iso(facts.lastReloadAtMs),
      last_reload_ok: facts.lastReloadOk,
      problems: sources.problems,
    },
    control_restarts: facts.controlRestarts,
    window_s: sources.windowMs / 1000,
    proxies: sources.proxies.map((proxy) => proxyStatus(proxy, sources.board)),
    upstreams: sources.snapshot.upstreams.map((one) => upstreamStatus(one, byKey, sources)),
    healing: healingStatus(sources.healing),
  };
}

/** The short of it. */
export function healingStatus(facts: HealingFacts): HealingStatus {
  const fine: readonly string[] = ["READY", "RUNNING", "STOPPED"];
  return {
    instances: facts.instances.length,
    instances_down: facts.instances.filter(({ state, done }) => !fine.includes(state) && !done)
      .length,
    incidents_open: facts.incidentsOpen,
    alerts: facts.alertsFiring,
    frozen: facts.frozen ?? null,
    unproven_plans: facts.plans.flatMap(({ name, unproven }) => (unproven ? [name] : [])),
    drill: facts.drill ?? null,
    history_problem: facts.historyProblem ?? null,
  };
}

function proxyStatus(facts: ProxyFacts, board: Board): ProxyStatus {
  const own = board.counters[facts.worker]!.worker;
  return {
    proxy: facts.worker,
    state: facts.state,
    started_at: iso(facts.startedAtMs),
    restarts: facts.restarts,
    snapshot_version: facts.version,
    client_connections: own[workerGauge.clientConnections]!,
    requests_in_flight: own[workerGauge.requestsInFlight]!,
    loop_lag_p99_ms: round(own[workerGauge.loopLagP99Us]! / 1000),
    loop_utilization: round(own[workerGauge.loopUtilization]!),
    listening: facts.listening.map(({ host, port }) => `${bracket(host)}:${port}`),
    failed: facts.failed.map(({ host, port, code }) => `${bracket(host)}:${port} ${code}`),
  };
}

const breakerStates = ["closed", "open", "half_open"] as const;

function upstreamStatus(
  upstream: UpstreamSnapshot,
  health: ReadonlyMap<string, EndpointHealth>,
  sources: StatusSources,
): UpstreamStatus {
  const { board } = sources;
  const { name, slot } = upstream;
  const endpoints = upstream.endpoints.flatMap((endpoint) => {
    const one = health.get(endpointKey(name, endpoint.name));
    return one ? [endpointStatus(one, endpoint.backup, sources)] : [];
  });
  return {
    name,
    policy: upstream.balance.policy,
    panic: sources.panicking.includes(name),
    breaker: breakerStates[board.breakerState[slot]!] ?? "closed",
    in_flight: Math.max(0, board.upstreamInFlight[slot]!),
    queued: Math.max(0, board.upstreamPending[slot]!),
    retries_total: sum(board, "upstream", upstreamRow(slot), upstreamCounter.retries),
    ...activityStatus(upstreamKey(name), sources),
    endpoints,
  };
}

function endpointStatus(
  one: EndpointHealth,
  backup: boolean,
  sources: StatusSources,
): EndpointStatus {
  const { lastCheck } = one;
  return {
    name: one.endpoint,
    state: one.state,
    reason: one.reason,
    since: iso(one.sinceMs),
    until: one.untilMs === undefined ? null : iso(one.untilMs),
    available: one.available,
    backup,
    weight: round(one.weight),
    configured_weight: one.configuredWeight,
    operator_weight: one.operatorWeight ?? null,
    in_flight: Math.max(0, sources.board.inFlight[one.slot]!),
    times_ejected: one.timesEjected,
    ...activityStatus(endpointKey(one.upstream, one.endpoint), sources),
    last_check: lastCheck
      ? {
          passed: lastCheck.passed,
          at: iso(lastCheck.atMs),
          took_ms: round(lastCheck.tookMs),
          detail: lastCheck.detail,
        }
      : null,
  };
}

function activityStatus(key: string, sources: StatusSources): ActivityStatus {
  const activity = sources.activity.read(key, sources.windowMs, sources.nowMs);
  return {
    rate: round(activity.rate),
    error_ratio: round(activity.errorRatio, 4),
    p50_ms: milliseconds(activity.p50Us),
    p99_ms: milliseconds(activity.p99Us),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const milliseconds = (us: number | undefined): number | null =>
  us === undefined ? null : round(us / 1000);
const bracket = (host: string): string => (host.includes(":") ? `[${host}]` : host);

function round(value: number, digits = 3): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
