/**
 * What the client's thread is told.
 */
import type { Recording } from "./recording.ts";

/** A load at a fixed rate: a request is sent when it is due, whatever became of the ones before. */
export interface LoadPlan {
  /** The balancer's port on 127.0.0.1. */
  readonly port: number;
  readonly ratePerSecond: number;
  /** Requests before the record begins, at the same rate. */
  readonly warmUpRequests: number;
  /** When the record begins, as `epochNowMs` tells the time. */
  readonly beginsAt: number;
  /** Connections that are kept; more are opened while all of them are busy. */
  readonly connections: number;
  /** The client gives a request up after this long. */
  readonly patienceMs: number;
  /** As many requests as it has room for are sent. */
  readonly recording: Recording;
}

/** Milliseconds since 1970, finer than `Date.now()`, the same in all threads. */
export function epochNowMs(): number {
  return performance.timeOrigin + performance.now();
}
