/** Rate, errors and duration per route, upstream and endpoint, straight from the board. */
import {
  endpointCounter,
  endpointRow,
  routeCounter,
  routeRow,
  upstreamCounter,
  upstreamRow,
  type Board,
} from "../board/board.ts";
import { bucketCount } from "../board/histogram.ts";
import { reasons } from "../errors/catalogue.ts";
import { histogramSamples, type Family, type Labels, type Sample } from "./exposition.ts";
import type { MetricSources } from "./sources.ts";
import { sum, sumLatency, sumReason, type CounterTable } from "./sums.ts";

interface Row {
  readonly labels: Labels;
  readonly slot: number;
  /** Start of the row in its counter table. */
  readonly start: number;
}

/** Rows of routes, upstreams or endpoints; ones that never saw a request are left out, so that
 * 10,000 routes cost a scrape nothing until they are used. */
type Rows = () => readonly Row[];

/** All families about traffic. */
export function trafficMetrics(sources: MetricSources): Family[] {
  return [
    ...routeMetrics(sources),
    ...upstreamMetrics(sources),
    ...endpointMetrics(sources),
    {
      name: "evenkeel_refused_requests_total",
      help: "Requests that failed or were refused, by reason (docs/errors.md).",
      type: "counter",
      samples: () =>
        reasons.map(({ code, side, number }) => ({
          labels: { reason: code, side },
          value: sumReason(sources.board, number),
        })),
    },
  ];
}

function routeMetrics({ board, snapshot }: MetricSources): Family[] {
  const rows: Rows = () =>
    snapshot()
      .routes.map((route) => ({
        labels: { route: route.name },
        slot: route.slot,
        start: routeRow(route.slot),
      }))
      .filter(({ start }) => sum(board, "route", start, routeCounter.requests) > 0);
  const table = { board, table: "route", prefix: "evenkeel_route", rows } as const;
  return [
    statusClasses(table, routeCounter, "Answers given, by class of status."),
    counter(table, "requests_started_total", "Requests.", routeCounter.requests),
    counter(table, "received_bytes_total", "Body bytes from clients.", routeCounter.bytesReceived),
    counter(table, "sent_bytes_total", "Body bytes to clients.", routeCounter.bytesSent),
    durations(table, "From a request's head to its answer's end.", routeCounter.latencySumUs),
  ];
}

function upstreamMetrics({ board, snapshot, panicking }: MetricSources): Family[] {
  const all: Rows = () =>
    snapshot().upstreams.map((upstream) => ({
      labels: { upstream: upstream.name },
      slot: upstream.slot,
      start: upstreamRow(upstream.slot),
    }));
  const used: Rows = () =>
    all().filter(({ start }) => sum(board, "upstream", start, upstreamCounter.requests) > 0);
  const table = { board, table: "upstream", prefix: "evenkeel_upstream", rows: used } as const;
  const gauges = { ...table, rows: all };
  const c = upstreamCounter;
  return [
    counter(table, "requests_total", "Requests forwarded to the upstream.", c.requests),
    counter(table, "failed_attempts_total", "Attempts that failed.", c.failedAttempts),
    counter(table, "failed_requests_total", "Requests that failed in the end.", c.failedRequests),
    counter(table, "retries_total", "Further attempts.", c.retries),
    counter(table, "retries_denied_total", "Retries refused by the budget.", c.retriesDenied),
    counter(table, "hedges_total", "Further attempts beside a slow one.", c.hedges),
    counter(table, "moved_total", "Requests that left an endpoint judged bad.", c.moved),
    counter(table, "queued_total", "Requests that had to wait.", c.queued),
    counter(table, "queue_overflows_total", "Requests refused by a full queue.", c.queueOverflows),
    counter(table, "queue_timeouts_total", "Requests that waited too long.", c.queueTimeouts),
    counter(table, "breaker_refusals_total", "Requests the breaker refused.", c.breakerRefusals),
    counter(table, "no_endpoint_total", "Requests that found no endpoint.", c.noEndpoint),
    durations(table, "From a request's head to its answer's end.", c.latencySumUs),
    gauge(gauges, "in_flight", "Requests being served.", board.upstreamInFlight),
    gauge(gauges, "queue_length", "Requests waiting.", board.upstreamPending),
    gauge(gauges, "retrying", "Requests in a further attempt.", board.upstreamRetrying),
    gauge(gauges, "connections", "Connections to its origins.", board.upstreamConnections),
    gauge(gauges, "breaker_state", "0 closed, 1 open, 2 half open.", board.breakerState),
    {
      name: "evenkeel_upstream_panic",
      help: "1 while so few endpoints are available that those judged bad get traffic, too.",
      type: "gauge",
      samples: () => {
        const names = new Set(panicking());
        return all().map(({ labels }) => ({
          labels,
          value: names.has(String(labels["upstream"])) ? 1 : 0,
        }));
      },
    },
  ];
}

function endpointMetrics({ board, snapshot }: MetricSources): Family[] {
  const all: Rows = () =>
    snapshot().upstreams.flatMap((upstream) =>
      upstream.endpoints.map((endpoint) => ({
        labels: { upstream: upstream.name, endpoint: endpoint.name },
        slot: endpoint.slot,
        start: endpointRow(endpoint.slot),
      })),
    );
  const used: Rows = () =>
    all().filter(({ start }) => sum(board, "endpoint", start, endpointCounter.requests) > 0);
  const table = { board, table: "endpoint", prefix: "evenkeel_endpoint", rows: used } as const;
  const c = endpointCounter;
  return [
    statusClasses(table, c, "Answers received, by class of status."),
    counter(table, "attempts_total", "Attempts sent to the endpoint.", c.requests),
    failures(table),
    counter(table, "connects_total", "Connections opened.", c.connects),
    counter(table, "sent_bytes_total", "Body bytes to the endpoint.", c.bytesSent),
    counter(table, "received_bytes_total", "Body bytes from the endpoint.", c.bytesReceived),
    durations(table, "From an attempt's start to its end.", c.latencySumUs),
    gauge({ ...table, rows: all }, "in_flight", "Attempts being served.", board.inFlight),
  ];
}

interface Table {
  readonly board: Board;
  readonly table: CounterTable;
  readonly prefix: string;
  readonly rows: Rows;
}

function counter(table: Table, name: string, help: string, column: number): Family {
  return {
    name: `${table.prefix}_${name}`,
    help,
    type: "counter",
    samples: () =>
      table.rows().map(({ labels, start }) => ({
        labels,
        value: sum(table.board, table.table, start, column),
      })),
  };
}

function gauge(table: Table, name: string, help: string, column: Int32Array): Family {
  return {
    name: `${table.prefix}_${name}`,
    help,
    type: "gauge",
    samples: () =>
      table.rows().map(({ labels, slot }) => ({ labels, value: Math.max(0, column[slot]!) })),
  };
}

type StatusColumns = Readonly<
  Record<"status1xx" | "status2xx" | "status3xx" | "status4xx" | "status5xx", number>
>;

function statusClasses(table: Table, columns: StatusColumns, help: string): Family {
  const classes = [
    ["1xx", columns.status1xx],
    ["2xx", columns.status2xx],
    ["3xx", columns.status3xx],
    ["4xx", columns.status4xx],
    ["5xx", columns.status5xx],
  ] as const;
  return {
    name: `${table.prefix}_requests_total`,
    help,
    type: "counter",
    samples: () =>
      table.rows().flatMap(({ labels, start }) =>
        classes.map(([code, column]) => ({
          labels: { ...labels, code },
          value: sum(table.board, table.table, start, column),
        })),
      ),
  };
}

function failures(table: Table): Family {
  const kinds = [
    ["all", endpointCounter.failures],
    ["connect", endpointCounter.connectFailures],
    ["timeout", endpointCounter.timeouts],
    ["reset", endpointCounter.resets],
  ] as const;
  return {
    name: `${table.prefix}_failures_total`,
    help: "Attempts that failed; kind all holds the others and failing statuses.",
    type: "counter",
    samples: () =>
      table.rows().flatMap(({ labels, start }) =>
        kinds.map(([kind, column]) => ({
          labels: { ...labels, kind },
          value: sum(table.board, table.table, start, column),
        })),
      ),
  };
}

function durations(table: Table, help: string, sumColumn: number): Family {
  const name = `${table.prefix}_duration_seconds`;
  const scratch = new Float64Array(bucketCount);
  return {
    name,
    help,
    type: "histogram",
    samples: () => {
      const samples: Sample[] = [];
      for (const { labels, slot, start } of table.rows()) {
        sumLatency(table.board, table.table, slot, scratch);
        const sumUs = sum(table.board, table.table, start, sumColumn);
        samples.push(...histogramSamples(name, labels, scratch, sumUs));
      }
      return samples;
    },
  };
}
