/** How Evenkeel itself fares: its threads, its process, its configuration. */
import { readdirSync } from "node:fs";
import { memoryUsage, cpuUsage } from "node:process";
import { getHeapStatistics } from "node:v8";
import { workerGauge, type Board } from "../board/board.ts";
import type { Family } from "./exposition.ts";
import type { ControlFacts, HealthFacts, MetricSources } from "./sources.ts";

/** All families about health and about Evenkeel itself. */
export function ownMetrics(sources: MetricSources): Family[] {
  return [...healthMetrics(sources), ...configMetrics(sources), ...proxyMetrics(sources)].concat(
    processMetrics(),
  );
}

/** Every state an endpoint can be in; health/contract.ts explains them. */
const states = [
  "healthy",
  "warming",
  "probing",
  "failed",
  "ejected",
  "unhealthy",
  "draining",
  "stopped",
  "ejected_by_operator",
] as const;

function healthMetrics({ health }: MetricSources): Family[] {
  const perEndpoint = (
    name: string,
    help: string,
    type: "gauge" | "counter",
    value: (one: HealthFacts) => number,
  ): Family => ({
    name: `evenkeel_endpoint_${name}`,
    help,
    type,
    samples: () =>
      health().map((one) => ({
        labels: { upstream: one.upstream, endpoint: one.endpoint },
        value: value(one),
      })),
  });
  return [
    {
      name: "evenkeel_endpoint_state",
      help: "1 for the state the endpoint is in, 0 for the others.",
      type: "gauge",
      samples: () =>
        health().flatMap((one) =>
          states.map((state) => ({
            labels: { upstream: one.upstream, endpoint: one.endpoint, state },
            value: one.state === state ? 1 : 0,
          })),
        ),
    },
    perEndpoint("state_since_timestamp_seconds", "When the state began.", "gauge", (one) =>
      seconds(one.sinceMs),
    ),
    perEndpoint("available", "1 while it takes new requests.", "gauge", (one) =>
      one.available ? 1 : 0,
    ),
    perEndpoint("weight", "The weight in force.", "gauge", (one) => one.weight),
    perEndpoint(
      "ejections_total",
      "Times passive health took it out.",
      "counter",
      (one) => one.ejections,
    ),
  ];
}

function configMetrics({ facts }: MetricSources): Family[] {
  const single = (
    name: string,
    help: string,
    type: "gauge" | "counter",
    value: (facts: ControlFacts) => number,
  ): Family => ({
    name: `evenkeel_${name}`,
    help,
    type,
    samples: () => [{ labels: {}, value: value(facts()) }],
  });
  return [
    {
      name: "evenkeel_build_info",
      help: "1, with the version in the label.",
      type: "gauge",
      samples: () => [{ labels: { version: facts().version }, value: 1 }],
    },
    single("config_version", "Version of the snapshot in force.", "gauge", (f) => f.configVersion),
    {
      name: "evenkeel_config_reloads_total",
      help: "Configurations read again, by outcome.",
      type: "counter",
      samples: () => [
        { labels: { outcome: "accepted" }, value: facts().reloadsAccepted },
        { labels: { outcome: "refused" }, value: facts().reloadsRefused },
      ],
    },
    single("config_last_reload_successful", "0 after a refused reload.", "gauge", (f) =>
      f.lastReloadOk ? 1 : 0,
    ),
    single("config_last_reload_timestamp_seconds", "When it was last read.", "gauge", (f) =>
      seconds(f.lastReloadAtMs),
    ),
    single("proxy_restarts_total", "Proxy threads replaced.", "counter", (f) => f.proxyRestarts),
    single(
      "control_restarts_total",
      "Control threads replaced.",
      "counter",
      (f) => f.controlRestarts,
    ),
  ];
}

const MICRO = 1e-6;
const g = workerGauge;

/** Column, metric, help, type and factor of what each proxy says of itself. */
const proxyColumns = [
  [g.clientConnections, "client_connections", "Client connections.", "gauge", 1],
  [g.clientConnectionsTotal, "client_connections_total", "Accepted so far.", "counter", 1],
  [g.rejectedConnections, "rejected_connections_total", "Refused at a bound.", "counter", 1],
  [g.originConnections, "origin_connections", "Origin connections.", "gauge", 1],
  [g.originConnectionsTotal, "origin_connections_total", "Opened so far.", "counter", 1],
  [g.idleOriginConnections, "origin_connections_idle", "Kept for later.", "gauge", 1],
  [g.requestsInFlight, "requests_in_flight", "Requests being served.", "gauge", 1],
  [g.tunnels, "tunnels", "Upgraded connections.", "gauge", 1],
  [g.loopLagP50Us, "event_loop_lag_p50_seconds", "Median lag, last second.", "gauge", MICRO],
  [g.loopLagP99Us, "event_loop_lag_p99_seconds", "99th percentile.", "gauge", MICRO],
  [g.loopLagMaxUs, "event_loop_lag_max_seconds", "Worst lag, last second.", "gauge", MICRO],
  [g.loopUtilization, "event_loop_utilization_ratio", "Busy share, 0 to 1.", "gauge", 1],
  [g.heapUsedBytes, "heap_used_bytes", "JavaScript heap in use.", "gauge", 1],
  [g.externalBytes, "external_bytes", "Buffers outside the heap.", "gauge", 1],
  [g.sampledAtMs, "sampled_timestamp_seconds", "Last sign of life.", "gauge", 0.001],
  [g.snapshotVersion, "snapshot_version", "Version it works by.", "gauge", 1],
] as const;

function proxyMetrics({ board, snapshot }: MetricSources): Family[] {
  const listeners: Family = {
    name: "evenkeel_listener_connections",
    help: "Client connections open, over all proxies.",
    type: "gauge",
    samples: () =>
      snapshot().listeners.map(({ name, slot }) => ({
        labels: { listener: name },
        value: Math.max(0, board.listenerConnections[slot]!),
      })),
  };
  const own = proxyColumns.map((column) => proxyFamily(board, column));
  return [listeners, ...own];
}

function proxyFamily(board: Board, described: (typeof proxyColumns)[number]): Family {
  const [column, name, help, type, factor] = described;
  return {
    name: `evenkeel_proxy_${name}`,
    help,
    type,
    samples: () =>
      board.counters.map((counters, worker) => ({
        labels: { proxy: worker },
        value: counters.worker[column]! * factor,
      })),
  };
}

/** The customary names, so that ready-made dashboards know them; plus control's own heap. */
function processMetrics(): Family[] {
  const single = (
    name: string,
    help: string,
    type: "gauge" | "counter",
    value: () => number | undefined,
  ): Family => ({
    name,
    help,
    type,
    samples: () => {
      const now = value();
      return now === undefined ? [] : [{ labels: {}, value: now }];
    },
  });
  const startedS = seconds(Date.now()) - process.uptime();
  return [
    single("process_cpu_seconds_total", "Processor time of the process.", "counter", () => {
      const { user, system } = cpuUsage();
      return (user + system) * MICRO;
    }),
    single("process_resident_memory_bytes", "Memory of the process.", "gauge", residentBytes),
    single("process_start_time_seconds", "When the process began.", "gauge", () => startedS),
    single("process_open_fds", "Open file descriptors.", "gauge", openFiles),
    single(
      "evenkeel_control_heap_used_bytes",
      "Control's heap in use.",
      "gauge",
      () => getHeapStatistics().used_heap_size,
    ),
  ];
}

/** Undefined where it can't be read: the system keeps it in a file. */
function residentBytes(): number | undefined {
  try {
    return memoryUsage.rss();
  } catch {
    return undefined; // Out of file descriptors: the other metrics are worth having all the more.
  }
}

/** Undefined where the system has no `/proc`. */
function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined; // Not Linux: the metric is left out.
  }
}

const seconds = (ms: number): number => ms / 1000;
