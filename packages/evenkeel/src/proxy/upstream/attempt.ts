/** One attempt at an endpoint: who hears of it, what it needs, and how it can break. */
import { reason, type Reason } from "../../errors/catalogue.ts";
import type { Clock } from "../clock.ts";
import type { ResponseParser } from "../http1/contract.ts";
import type { Timer } from "../timer-wheel.ts";
import type { Direct } from "../wire/direct.ts";
import type { SendQueue } from "../wire/send-queue.ts";
import type { EndpointRuntime } from "./endpoint-runtime.ts";
import type { OriginConnection } from "./origin-connection.ts";
import type { ReadMemory } from "./read-buffer.ts";

/** How an attempt broke. `local` is this machine's own want (descriptors, ports), never the
 * endpoint's fault. */
export type AttemptFailure =
  | "local"
  | "connect_failed"
  | "connect_timeout"
  /** Ended in order, or reset, without one byte of an answer. */
  | "origin_closed"
  /** Ended or reset inside an answer. */
  | "origin_reset"
  | "first_byte_timeout"
  | "idle_timeout"
  | "bad_response"
  | "response_header_too_large";

/** What a failed attempt is called when there is no other left. */
export const failureReason: Readonly<Record<AttemptFailure, Reason>> = {
  local: reason.internal_error,
  connect_failed: reason.connect_failed,
  connect_timeout: reason.connect_timeout,
  origin_closed: reason.origin_closed,
  origin_reset: reason.origin_reset,
  first_byte_timeout: reason.first_byte_timeout,
  idle_timeout: reason.idle_timeout,
  bad_response: reason.bad_response,
  response_header_too_large: reason.response_header_too_large,
};

/** No byte of the request can have reached an origin. */
export function isUnsent(failure: AttemptFailure | "status"): boolean {
  return failure === "connect_failed" || failure === "connect_timeout";
}

/** Who an attempt reports to. Called in this order: connected (fresh connections only), givenUp at
 * most once, head (once per interim answer and once for the final one), body any number of times,
 * trailers at most once, readEnd after every read that brought something, done; or failed at any
 * point, after which nothing more is called. */
export interface AttemptOwner {
  attemptConnected(connection: OriginConnection): void;
  /** There is no answer yet, and its endpoint was judged bad meanwhile. */
  attemptGivenUp(connection: OriginConnection): void;
  /** Returns false to give the answer up: the connection was abandoned meanwhile. */
  attemptHead(connection: OriginConnection, head: ResponseParser): boolean;
  attemptBody(connection: OriginConnection, bytes: Buffer, from: number, to: number): void;
  /** The end of a chunked body that has trailers: they and the empty line. */
  attemptTrailers(connection: OriginConnection, tail: string): void;
  attemptReadEnd(connection: OriginConnection): void;
  attemptDone(connection: OriginConnection): void;
  attemptFailed(connection: OriginConnection, failure: AttemptFailure): void;
  /** The connection can take more of the request's body. */
  attemptDrained(connection: OriginConnection): void;
  /** Bytes of an upgraded connection; `undefined` once the origin sends no more. */
  tunnelBytes(connection: OriginConnection, bytes: Buffer | undefined): void;
}

/** What all connections of a worker share. */
export interface OriginContext {
  readonly clock: Clock;
  readonly direct: Direct;
  readonly sends: SendQueue;
  readonly memory: ReadMemory;
  readonly parser: ResponseParser;
  timer(fire: () => void): Timer;
  onOpened(endpoint: EndpointRuntime): void;
  onClosed(endpoint: EndpointRuntime): void;
  /** The endpoint's name can't be looked up. */
  onLookupFailed(endpoint: EndpointRuntime, code: string): void;
}
