/**
 * The record of every request of a run, in memory that the client's thread and the laboratory share.
 */

/** What became of a request. */
export const outcomes = ["pending", "ok", "failed", "wrong"] as const;

/** One of `outcomes`. */
export type Outcome = (typeof outcomes)[number];

/** Why a request failed or was wrong. */
export const reasons = [
  "none",
  /** An answer with another status than 200. */
  "status",
  /** No connection to the balancer. */
  "refused",
  /** The connection was reset or closed before the answer's first byte. */
  "reset",
  /** The same inside the answer. */
  "cut",
  /** No whole answer within the client's patience. */
  "timeout",
  /** Not HTTP. */
  "malformed",
  /** A 200 whose body is not this request's, or damaged. */
  "body",
] as const;

/** One of `reasons`. */
export type Reason = (typeof reasons)[number];

/** No origin is known to have answered. */
export const noOrigin = 255;

/** One value per request, in the order in which they were due. Times are milliseconds since the
 * record began; `endMs` is NaN while a request is pending. */
export interface Recording {
  readonly capacity: number;
  readonly dueMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly endMs: Float64Array;
  readonly status: Uint16Array;
  readonly origin: Uint8Array;
  /** Index into `outcomes`. */
  readonly outcome: Uint8Array;
  /** Index into `reasons`. */
  readonly reason: Uint8Array;
  /** See `Tally`. */
  readonly tally: Int32Array;
}

/** Places in `Recording.tally`. */
export const Tally = {
  /** Requests due so far. */
  sent: 0,
  /** Requests with an outcome so far. */
  settled: 1,
  failed: 2,
  wrong: 3,
  /** Connections that broke with a request on them. */
  connectionsLost: 4,
} as const;

/** An empty record in shared memory. */
export function createRecording(capacity: number): Recording {
  const endMs = new Float64Array(new SharedArrayBuffer(capacity * 8)).fill(Number.NaN);
  return {
    capacity,
    dueMs: new Float64Array(new SharedArrayBuffer(capacity * 8)),
    sentMs: new Float64Array(new SharedArrayBuffer(capacity * 8)),
    endMs,
    status: new Uint16Array(new SharedArrayBuffer(capacity * 2)),
    origin: new Uint8Array(new SharedArrayBuffer(capacity)).fill(noOrigin),
    outcome: new Uint8Array(new SharedArrayBuffer(capacity)),
    reason: new Uint8Array(new SharedArrayBuffer(capacity)),
    tally: new Int32Array(new SharedArrayBuffer(Object.keys(Tally).length * 4)),
  };
}

/** The outcome of one request. */
export function outcomeOf(recording: Recording, index: number): Outcome {
  return outcomes[recording.outcome[index]!]!;
}

/** From due to the end, in milliseconds; NaN while pending. */
export function latencyMs(recording: Recording, index: number): number {
  return recording.endMs[index]! - recording.dueMs[index]!;
}
