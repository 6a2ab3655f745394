/**
 * Sliding windows over ever-growing counters: what happened in the last seconds.
 *
 * Time is cut into spans; a ring of spans keeps, per row, how much each counter grew in it. A row
 * takes memory only from its first request on. Pure: the caller brings the clock and the counters.
 */
import { bucketCount, percentile } from "../board/histogram.ts";

/** Ever-growing counters of one row, to be read at any time. */
export interface RowReader {
  requests(): number;
  failures(): number;
  /** Left out where nobody asks for them. */
  serverErrors?(): number;
  /** Grows with the histogram: what tells that it did without reading it. */
  latencySumUs(): number;
  /** Adds nothing, overwrites: the cumulative histogram (`bucketCount` numbers). */
  latency(into: Float64Array): void;
}

/** What happened to one row lately. */
export interface RowActivity {
  /** Requests per second. */
  readonly rate: number;
  readonly requests: number;
  /** Those whose time became known: requests that ended, whenever they began. */
  readonly ended: number;
  readonly failures: number;
  /** Answers with a 5xx status; 0 where the row does not count them. */
  readonly serverErrors: number;
  /** How much of the time asked for was watched; 0 for unknown rows. */
  readonly coveredMs: number;
  /** Share that failed, 0 to 1, of those that began or of those that ended, whichever are more: slow
   * requests fail long after they were counted. 0 without any. */
  readonly errorRatio: number;
  /** Undefined where none ended. */
  readonly p50Us: number | undefined;
  readonly p90Us: number | undefined;
  readonly p95Us: number | undefined;
  readonly p99Us: number | undefined;
}

export interface ActivityWindow {
  /** Notes how far every row has come; call it about once a second. Rows that are no longer given
   * are forgotten. */
  sample(nowMs: number, rows: ReadonlyMap<string, RowReader>): void;
  /** The last `overMs` (rounded up to spans, never before the start); idle for unknown rows. */
  read(key: string, overMs: number, nowMs: number): RowActivity;
}

interface Row {
  /** When it was first sampled. */
  readonly sinceMs: number;
  seenServerErrors: number;
  seenRequests: number;
  seenFailures: number;
  seenLatencySumUs: number;
  /** Undefined until the first request. */
  ring: Ring | undefined;
}

/** One entry per span, and how far the histogram was at the last sample. */
interface Ring {
  readonly seenLatency: Float64Array;
  readonly requests: Uint32Array;
  readonly failures: Uint32Array;
  readonly serverErrors: Uint32Array;
  readonly latency: Uint32Array;
}

const idle: RowActivity = {
  rate: 0,
  requests: 0,
  ended: 0,
  failures: 0,
  serverErrors: 0,
  coveredMs: 0,
  errorRatio: 0,
  p50Us: undefined,
  p90Us: undefined,
  p95Us: undefined,
  p99Us: undefined,
};

/** A window that looks back `spans` spans of `spanMs`, the running one included. What counters held
 * at their first sample is taken for the past: it shows in no window. */
export function createWindow(spanMs: number, spans: number, startMs: number): ActivityWindow {
  const rows = new Map<string, Row>();
  const scratch = new Float64Array(bucketCount);
  let current = Math.floor(startMs / spanMs);

  const advance = (nowMs: number): void => {
    const span = Math.floor(nowMs / spanMs);
    const steps = Math.min(spans, span - current);
    if (steps <= 0) return;
    current = span;
    for (const row of rows.values()) {
      if (!row.ring) continue;
      for (let step = 0; step < steps; step++) clearSpan(row.ring, modulo(span - step, spans));
    }
  };

  const read = (key: string, overMs: number, nowMs: number): RowActivity => {
    const known = rows.get(key);
    if (!known) return idle;
    const count = Math.min(spans, Math.max(1, Math.ceil(overMs / spanMs) + 1));
    const fromMs = Math.max(known.sinceMs, startMs, (current - count + 1) * spanMs);
    const coveredMs = Math.max(0, nowMs - fromMs);
    const row = known.ring;
    if (!row) return { ...idle, coveredMs };
    let requests = 0;
    let ended = 0;
    let failures = 0;
    let serverErrors = 0;
    scratch.fill(0);
    for (let step = 0; step < count; step++) {
      const at = modulo(current - step, spans);
      requests += row.requests[at]!;
      failures += row.failures[at]!;
      serverErrors += row.serverErrors[at]!;
      for (let bucket = 0; bucket < bucketCount; bucket++) {
        const count = row.latency[at * bucketCount + bucket]!;
        scratch[bucket] = scratch[bucket]! + count;
        ended += count;
      }
    }
    const most = Math.max(requests, ended);
    return {
      rate: requests / (Math.max(1, coveredMs) / 1000),
      requests,
      ended,
      failures,
      serverErrors,
      coveredMs,
      errorRatio: most === 0 ? 0 : Math.min(1, failures / most),
      p50Us: percentile(scratch, 0.5),
      p90Us: percentile(scratch, 0.9),
      p95Us: percentile(scratch, 0.95),
      p99Us: percentile(scratch, 0.99),
    };
  };

  return {
    sample(nowMs, readers) {
      advance(nowMs);
      for (const key of rows.keys()) if (!readers.has(key)) rows.delete(key);
      for (const [key, reader] of readers) {
        const row = rows.get(key);
        if (row) grow(row, reader, modulo(current, spans), spans);
        else rows.set(key, firstSight(reader, spans, nowMs));
      }
    },
    read,
  };
}

function firstSight(reader: RowReader, spans: number, sinceMs: number): Row {
  const requests = reader.requests();
  const row: Row = {
    sinceMs,
    seenRequests: requests,
    seenFailures: reader.failures(),
    seenLatencySumUs: reader.latencySumUs(),
    seenServerErrors: reader.serverErrors?.() ?? 0,
    ring: undefined,
  };
  if (requests > 0) {
    row.ring = emptyRing(spans);
    reader.latency(row.ring.seenLatency);
  }
  return row;
}

function emptyRing(spans: number): Ring {
  return {
    seenLatency: new Float64Array(bucketCount),
    requests: new Uint32Array(spans),
    failures: new Uint32Array(spans),
    serverErrors: new Uint32Array(spans),
    latency: new Uint32Array(spans * bucketCount),
  };
}

/** Adds what came since the last sample to span `at`; a counter that shrank started anew. */
function grow(row: Row, reader: RowReader, at: number, spans: number): void {
  const requests = reader.requests();
  const failures = reader.failures();
  const serverErrors = reader.serverErrors?.() ?? 0;
  const latencySumUs = reader.latencySumUs();
  const same =
    requests === row.seenRequests &&
    failures === row.seenFailures &&
    latencySumUs === row.seenLatencySumUs &&
    serverErrors === row.seenServerErrors;
  if (same) return;
  row.ring ??= emptyRing(spans);
  const { ring } = row;
  ring.requests[at] = ring.requests[at]! + since(requests, row.seenRequests);
  ring.failures[at] = ring.failures[at]! + since(failures, row.seenFailures);
  ring.serverErrors[at] = ring.serverErrors[at]! + since(serverErrors, row.seenServerErrors);
  row.seenRequests = requests;
  row.seenFailures = failures;
  row.seenServerErrors = serverErrors;
  row.seenLatencySumUs = latencySumUs;
  const latency = new Float64Array(bucketCount);
  reader.latency(latency);
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const value = latency[bucket]!;
    const cell = at * bucketCount + bucket;
    ring.latency[cell] = ring.latency[cell]! + since(value, ring.seenLatency[bucket]!);
    ring.seenLatency[bucket] = value;
  }
}

const since = (now: number, before: number): number => (now >= before ? now - before : now);

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;

function clearSpan(row: Ring, at: number): void {
  row.requests[at] = 0;
  row.failures[at] = 0;
  row.serverErrors[at] = 0;
  row.latency.fill(0, at * bucketCount, (at + 1) * bucketCount);
}
