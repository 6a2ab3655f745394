/** What the board counts of upstreams, endpoints and routes, over the last seconds. */
import {
  type Board,
  endpointCounter,
  endpointRow,
  routeCounter,
  routeRow,
  upstreamCounter,
  upstreamRow,
} from "../board/board.ts";
import { bucketCount } from "../board/histogram.ts";
import { sum, sumLatency } from "../telemetry/sums.ts";
import { createWindow, type RowActivity, type RowReader } from "../telemetry/window.ts";
import type { Catalog, Entry } from "./catalog.ts";
import type { Reading } from "./contract.ts";

/** Seconds that can be looked back, the running one included. */
const SPANS = 61;
/** A row that nobody has read for so long is no longer counted. */
const FORGET_AFTER_MS = 120_000;

type Counted = Exclude<Entry, { kind: "instance" }>;

/** Counts only what is asked for. */
export interface Traffic {
  /** Notes how far the counters are; about once a second. */
  sample(nowMs: number, catalog: () => Catalog): void;
  /** A traffic signal of one subject over its last `overMs`. */
  read(signal: string, entry: Counted, overMs: number, nowMs: number): Reading;
}

/** Starts with nothing asked for. */
export function createTraffic(board: Board, startMs: number): Traffic {
  const window = createWindow(1000, SPANS, startMs);
  const asked = new Map<string, number>();
  /** What was read since the last sample: several conditions ask for the same. */
  const known = new Map<string, RowActivity>();
  return {
    sample(nowMs, catalog) {
      known.clear();
      for (const [key, lastMs] of asked) if (nowMs - lastMs > FORGET_AFTER_MS) asked.delete(key);
      window.sample(nowMs, asked.size === 0 ? new Map() : rowsOf(board, catalog(), asked));
    },
    read(signal, entry, overMs, nowMs) {
      const key = signal === "5xx_ratio" ? clientsKey(entry) : rowKey(entry);
      asked.set(key, nowMs);
      const place = `${overMs}${key}`;
      const activity = known.get(place) ?? window.read(key, overMs, nowMs);
      known.set(place, activity);
      return { subject: entry.subject, ...figure(signal, entry, activity), atMs: nowMs };
    },
  };
}

function figure(
  signal: string,
  entry: Counted,
  activity: RowActivity,
): Pick<Reading, "value" | "samples" | "note"> {
  const { requests, ended, serverErrors, errorRatio, coveredMs } = activity;
  if (coveredMs < 1000) return { value: undefined, samples: 0, note: "measured from now on" };
  if (signal === "request_rate") return { value: activity.rate, samples: requests };
  // A slow request ends long after it was counted, in a window of its own perhaps.
  const most = Math.max(requests, ended);
  if (most === 0) return { value: undefined, samples: 0, note: "no requests" };
  switch (signal) {
    case "error_ratio":
      return { value: entry.kind === "route" ? serverErrors / most : errorRatio, samples: most };
    case "5xx_ratio":
      return { value: Math.min(1, serverErrors / most), samples: most };
    default:
      if (ended === 0) return { value: undefined, samples: 0, note: "no request has ended" };
      return { value: seconds(percentileOf(signal, activity)), samples: ended };
  }
}

function percentileOf(signal: string, activity: RowActivity): number | undefined {
  if (signal === "p50") return activity.p50Us;
  if (signal === "p90") return activity.p90Us;
  return signal === "p95" ? activity.p95Us : activity.p99Us;
}

const seconds = (us: number | undefined): number | undefined =>
  us === undefined ? undefined : us / 1_000_000;

/** By its own names alone: what else is known of it comes and goes. */
const rowKey = ({ kind, subject: { route = "", upstream = "", endpoint = "" } }: Counted): string =>
  `${kind}\0${route}${upstream}\0${endpoint}`;

/** What clients got of an upstream is counted where they got it: at the routes that lead to it. */
const clientsKey = (entry: Counted): string =>
  entry.kind === "upstream" ? `clients${rowKey(entry)}` : rowKey(entry);

function rowsOf(
  board: Board,
  catalog: Catalog,
  asked: ReadonlyMap<string, number>,
): Map<string, RowReader> {
  const rows = new Map<string, RowReader>();
  for (const entries of [catalog.upstreams, catalog.endpoints, catalog.routes]) {
    for (const entry of entries) {
      if (entry.kind === "instance") continue;
      const key = rowKey(entry);
      if (asked.has(key)) rows.set(key, readerOf(board, entry));
      const clients = clientsKey(entry);
      if (clients === key || !asked.has(clients)) continue;
      rows.set(clients, routesReader(board, catalog.routesTo(entry.subject.upstream ?? "")));
    }
  }
  return rows;
}

function readerOf(board: Board, { kind, slot }: Counted): RowReader {
  switch (kind) {
    case "upstream": {
      const row = upstreamRow(slot);
      return {
        requests: () => sum(board, "upstream", row, upstreamCounter.requests),
        failures: () => sum(board, "upstream", row, upstreamCounter.failedRequests),
        latencySumUs: () => sum(board, "upstream", row, upstreamCounter.latencySumUs),
        latency: (into) => sumLatency(board, "upstream", slot, into),
      };
    }
    case "endpoint": {
      const row = endpointRow(slot);
      return {
        requests: () => sum(board, "endpoint", row, endpointCounter.requests),
        failures: () => sum(board, "endpoint", row, endpointCounter.failures),
        serverErrors: () => sum(board, "endpoint", row, endpointCounter.status5xx),
        latencySumUs: () => sum(board, "endpoint", row, endpointCounter.latencySumUs),
        latency: (into) => sumLatency(board, "endpoint", slot, into),
      };
    }
    case "route":
    default:
      return routesReader(board, [slot]);
  }
}

/** Several routes as one row. */
function routesReader(board: Board, slots: readonly number[]): RowReader {
  const total = (column: number): number =>
    slots.reduce((all, slot) => all + sum(board, "route", routeRow(slot), column), 0);
  const part = new Float64Array(bucketCount);
  return {
    requests: () => total(routeCounter.requests),
    failures: () => total(routeCounter.status5xx),
    serverErrors: () => total(routeCounter.status5xx),
    latencySumUs: () => total(routeCounter.latencySumUs),
    latency(into) {
      into.fill(0);
      for (const slot of slots) {
        sumLatency(board, "route", slot, part);
        for (let bucket = 0; bucket < bucketCount; bucket++) into[bucket]! += part[bucket]!;
      }
    },
  };
}
