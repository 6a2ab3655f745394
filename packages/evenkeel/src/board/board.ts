/**
 * The board: the live numbers of a running Evenkeel in one `SharedArrayBuffer`.
 *
 * Control writes endpoint states and weights, proxies see them at their next pick without a
 * message; proxies count, control reads without asking. Facts that must be exact over all proxies
 * (requests in flight, failures in a row, a breaker's state) are single words changed with
 * `Atomics`. Counters and histograms are kept once per proxy, so that counting is a plain store
 * nobody else writes to, and readers add the copies up. All counters are 64-bit floats: exact to
 * 2^53, never wrapping in a lifetime, and written whole on every 64-bit machine.
 */
import { bucketCount } from "./histogram.ts";

/** How many of each kind fit. Memory is reserved but not touched until used. */
export const capacity = {
  endpoints: 16_384,
  upstreams: 4_096,
  listeners: 256,
  routes: 16_384,
  workers: 64,
} as const;

/** Bits of `Board.state`. No bit set: out for everybody. */
export const TAKES_NEW = 1;
/** The endpoint still serves clients that are bound to it (sticky), as while draining. */
export const TAKES_BOUND = 2;
/** Its first check is still to come: a request that finds nobody else waits for that. */
export const AWAITS_CHECK = 4;
/** Judged bad by its check or by its answers: requests that still wait for an answer there should
 * ask somebody else. Not set by an operator's word, nor while the group panics. */
export const GIVEN_UP = 8;

/** Columns of `Counters.endpoint`. */
export const endpointCounter = {
  requests: 0,
  /** Attempts that failed: no answer, or one that counts as a failure. */
  failures: 1,
  connects: 2,
  connectFailures: 3,
  timeouts: 4,
  resets: 5,
  status1xx: 6,
  status2xx: 7,
  status3xx: 8,
  status4xx: 9,
  status5xx: 10,
  bytesSent: 11,
  bytesReceived: 12,
  /** Sum of the latencies in the histogram, in microseconds. */
  latencySumUs: 13,
} as const;
/** Columns of `Counters.upstream`. */
export const upstreamCounter = {
  requests: 0,
  /** Attempts that failed, those that another attempt made good included. */
  failedAttempts: 1,
  retries: 2,
  /** Retries wanted and refused by the budget. */
  retriesDenied: 3,
  hedges: 4,
  queued: 5,
  queueOverflows: 6,
  queueTimeouts: 7,
  breakerRefusals: 8,
  noEndpoint: 9,
  latencySumUs: 10,
  /** Requests that failed in the end, after all their attempts. */
  failedRequests: 11,
  /** Requests that waited at an endpoint that was given up, and asked another. */
  moved: 12,
} as const;
/** Columns of `Counters.route`. */
export const routeCounter = {
  requests: 0,
  status1xx: 1,
  status2xx: 2,
  status3xx: 3,
  status4xx: 4,
  status5xx: 5,
  bytesReceived: 6,
  bytesSent: 7,
  latencySumUs: 8,
} as const;
/** Columns of `Counters.worker`: gauges and counters of one proxy itself. */
export const workerGauge = {
  clientConnections: 0,
  clientConnectionsTotal: 1,
  originConnections: 2,
  originConnectionsTotal: 3,
  idleOriginConnections: 4,
  requestsInFlight: 5,
  tunnels: 6,
  /** Event-loop delay over the last second, microseconds: p50, p99 and worst. */
  loopLagP50Us: 7,
  loopLagP99Us: 8,
  loopLagMaxUs: 9,
  /** Share of the last second the loop was busy, 0 to 1. */
  loopUtilization: 10,
  heapUsedBytes: 11,
  externalBytes: 12,
  /** Wall clock of the last sample, milliseconds since the epoch; stale means a stuck thread. */
  sampledAtMs: 13,
  snapshotVersion: 14,
  rejectedConnections: 15,
} as const;

const ENDPOINT_COUNTERS = 16;
const UPSTREAM_COUNTERS = 14;
const ROUTE_COUNTERS = 10;
const WORKER_GAUGES = 16;
/** Room for one counter per reason of the error catalogue. */
export const REASON_COUNTERS = 128;

/** One proxy's own counters: written by that proxy alone, read by anybody. Row r of a table with c
 * columns starts at r * c; use the `…Row` helpers. */
export interface Counters {
  readonly endpoint: Float64Array;
  readonly endpointLatency: Float64Array;
  readonly upstream: Float64Array;
  readonly upstreamLatency: Float64Array;
  readonly route: Float64Array;
  readonly routeLatency: Float64Array;
  readonly worker: Float64Array;
  /** Requests that failed or were refused, by the catalogue's reason number. */
  readonly reasons: Float64Array;

  // This proxy's share of the exact totals: what must be given back when it dies (see
  // forget-worker.ts). Changed right after the total, by plain stores.
  /** Share of `Board.inFlight`, by endpoint slot. */
  readonly inFlight: Int32Array;
  /** Shares of `Board.upstreamInFlight`, `…Pending`, `…Retrying`, `…Connections`, by slot. */
  readonly upstreamInFlight: Int32Array;
  readonly upstreamPending: Int32Array;
  readonly upstreamRetrying: Int32Array;
  readonly upstreamConnections: Int32Array;
  /** Share of `Board.listenerConnections`, by listener slot. */
  readonly listenerConnections: Int32Array;
  /** The ticket of the request that waits longest here, by upstream slot; 0: nobody waits. */
  readonly upstreamWaiting: Int32Array;
}

/** Views of the whole board. Cheap to create; every thread makes its own from the same buffer. */
export interface Board {
  readonly buffer: SharedArrayBuffer;
  readonly workers: number;

  // Endpoints, indexed by slot.
  /** `TAKES_NEW`, `TAKES_BOUND`, `AWAITS_CHECK`, `GIVEN_UP`; written by control. */
  readonly state: Int32Array;
  readonly inFlight: Int32Array;
  readonly failuresInARow: Int32Array;
  /** nginx's `fails`, for endpoints with `max_fails` written on them. */
  readonly fails: Int32Array;
  readonly weight: Float64Array;
  readonly currentWeight: Float64Array;
  readonly penalty: Float64Array;
  readonly latencyUs: Float64Array;
  readonly latencyAtMs: Float64Array;
  /** nginx's `accessed` and `checked`, in whole seconds since the epoch. */
  readonly accessedS: Float64Array;
  readonly checkedS: Float64Array;

  // Upstreams, indexed by upstream slot.
  /** 0 free, else 1 + the worker that holds it; see lock.ts. */
  readonly lock: Int32Array;
  /** Control adds one whenever a member's state or weight changed: proxies rebuild their picker. */
  readonly generation: Int32Array;
  /** Requests of the group in flight, waiting, retrying; connections open to it. */
  readonly upstreamInFlight: Int32Array;
  readonly upstreamPending: Int32Array;
  readonly upstreamRetrying: Int32Array;
  readonly upstreamConnections: Int32Array;
  /** 1 + the proxy that wants another's idle connection closed, for the bound on connections; or 0. */
  readonly upstreamWanted: Int32Array;
  /** Bumped when capacity of the group was freed, so that other proxies look at their queues. */
  readonly upstreamFreed: Int32Array;
  /** The ticket given last to a request that waits: the order of arrival over all proxies. */
  readonly upstreamTicket: Int32Array;
  /** 0 closed, 1 open, 2 half open; see balance's breaker. */
  readonly breakerState: Int32Array;
  /** Probes let through while half open. */
  readonly breakerProbes: Int32Array;
  readonly breakerOpenUntilMs: Float64Array;

  /** Client connections open on each listener, indexed by listener slot. */
  readonly listenerConnections: Int32Array;

  /** Word 0: proxies add one and notify when control should look at failures now. */
  readonly attention: Int32Array;
  /** Word 0: control adds one and notifies when it changed the state or weight of anybody, a proxy
   * when it wants a connection (`upstreamWanted`). */
  readonly published: Int32Array;

  /** One entry per worker index. */
  readonly counters: readonly Counters[];
}

/** Reserves a zeroed board for that many proxies (1 to `capacity.workers`). */
export function createBoard(workers: number): Board {
  return openBoard(new SharedArrayBuffer(layout(undefined, workers).bytes), workers);
}

/** Views of an existing board; `workers` must be what it was created with. */
export function openBoard(buffer: SharedArrayBuffer, workers: number): Board {
  return layout(buffer, workers).board!;
}

/** Start of row `slot` in `Counters.endpoint`. */
export const endpointRow = (slot: number): number => slot * ENDPOINT_COUNTERS;
/** Start of row `slot` in `Counters.upstream`. */
export const upstreamRow = (slot: number): number => slot * UPSTREAM_COUNTERS;
/** Start of row `slot` in `Counters.route`. */
export const routeRow = (slot: number): number => slot * ROUTE_COUNTERS;
/** Start of row `slot` in any latency table. */
export const latencyRow = (slot: number): number => slot * bucketCount;

/** Walks the regions in their one order: without a buffer it only measures. */
function layout(
  buffer: SharedArrayBuffer | undefined,
  workers: number,
): { bytes: number; board: Board | undefined } {
  let bytes = 0;
  const take = (size: number): number => {
    const at = bytes;
    bytes += Math.ceil(size / 64) * 64;
    return at;
  };
  const none = new Float64Array(0);
  const noInts = new Int32Array(0);
  const ints = (count: number): Int32Array => {
    const at = take(count * 4);
    return buffer ? new Int32Array(buffer, at, count) : noInts;
  };
  const floats = (count: number): Float64Array => {
    const at = take(count * 8);
    return buffer ? new Float64Array(buffer, at, count) : none;
  };
  const { endpoints, upstreams, routes, listeners } = capacity;
  const facts = {
    state: ints(endpoints),
    inFlight: ints(endpoints),
    failuresInARow: ints(endpoints),
    fails: ints(endpoints),
    weight: floats(endpoints),
    currentWeight: floats(endpoints),
    penalty: floats(endpoints),
    latencyUs: floats(endpoints),
    latencyAtMs: floats(endpoints),
    accessedS: floats(endpoints),
    checkedS: floats(endpoints),
    lock: ints(upstreams),
    generation: ints(upstreams),
    upstreamInFlight: ints(upstreams),
    upstreamPending: ints(upstreams),
    upstreamRetrying: ints(upstreams),
    upstreamConnections: ints(upstreams),
    upstreamWanted: ints(upstreams),
    upstreamFreed: ints(upstreams),
    upstreamTicket: ints(upstreams),
    breakerState: ints(upstreams),
    breakerProbes: ints(upstreams),
    breakerOpenUntilMs: floats(upstreams),
    listenerConnections: ints(listeners),
    attention: ints(16),
    published: ints(16),
  };
  const counters: Counters[] = [];
  for (let worker = 0; worker < workers; worker++) {
    counters.push({
      endpoint: floats(endpoints * ENDPOINT_COUNTERS),
      endpointLatency: floats(endpoints * bucketCount),
      upstream: floats(upstreams * UPSTREAM_COUNTERS),
      upstreamLatency: floats(upstreams * bucketCount),
      route: floats(routes * ROUTE_COUNTERS),
      routeLatency: floats(routes * bucketCount),
      worker: floats(WORKER_GAUGES),
      reasons: floats(REASON_COUNTERS),
      inFlight: ints(endpoints),
      upstreamInFlight: ints(upstreams),
      upstreamPending: ints(upstreams),
      upstreamRetrying: ints(upstreams),
      upstreamConnections: ints(upstreams),
      listenerConnections: ints(listeners),
      upstreamWaiting: ints(upstreams),
    });
  }
  return { bytes, board: buffer ? { buffer, workers, ...facts, counters } : undefined };
}
