/**
 * One thread's closed loop: each connection sends its next request as soon as the last one was
 * answered. A request counts from when it was sent, so this is service time: while the service
 * stalls, nothing is sent that could be late (coordinated omission).
 */
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionPool, PoolUser } from "./connection-pool.ts";
import type { FailureKind } from "./failure-kind.ts";
import type { LoadRequest } from "./load-request.ts";
import type { Recorder } from "./recorder.ts";

export interface ClosedLoopParts {
  readonly request: LoadRequest;
  readonly pool: ConnectionPool;
  readonly recorder: Recorder;
  readonly connections: number;
  readonly clock: Clock;
  readonly done: () => void;
}

/** A refused connection is tried again only after so long, or it would be all that is done. */
const reconnectMs = 100;

export class ClosedLoop implements PoolUser {
  readonly #parts: ClosedLoopParts;
  #running = false;
  #isDone = false;
  #reconnectAtMs = 0;

  constructor(parts: ClosedLoopParts) {
    this.#parts = parts;
  }

  /** Sends on every free connection, and opens those that are missing. Returns infinity: all that
   * follows is driven by answers, and by calls now and then for connections that were refused. */
  pump(nowMs: number): number {
    const { recorder, pool, connections } = this.#parts;
    this.#running = nowMs < recorder.window.endMs;
    if (!this.#running) {
      if (pool.busy === 0) this.#finish();
      return Number.POSITIVE_INFINITY;
    }
    while (pool.busy < connections) {
      const connection = pool.take(nowMs);
      if (!connection) break;
      this.#send(connection, nowMs);
    }
    if (nowMs >= this.#reconnectAtMs) {
      for (let open = pool.open; open < connections; open++) pool.connect(nowMs);
    }
    return Number.POSITIVE_INFINITY;
  }

  cut(atMs: number): void {
    this.#parts.recorder.cut(atMs);
    this.pump(this.#parts.clock());
  }

  free(): void {
    this.pump(this.#parts.clock());
  }

  answered(connection: Connection): void {
    const nowMs = this.#parts.clock();
    this.#parts.recorder.answered(connection.countsFromMs, nowMs, connection.status);
    this.pump(nowMs);
  }

  failed(connection: Connection, kind: FailureKind, reason: string): void {
    const nowMs = this.#parts.clock();
    this.#parts.recorder.failed(kind, reason, connection.countsFromMs, nowMs);
    this.pump(nowMs);
  }

  connectFailed(reason: string): void {
    const nowMs = this.#parts.clock();
    this.#parts.recorder.failed("connect", reason, nowMs, nowMs);
    this.#reconnectAtMs = nowMs + reconnectMs;
    if (!this.#running) this.pump(nowMs);
  }

  ended(): void {
    this.pump(this.#parts.clock());
  }

  received(bytes: number): void {
    this.#parts.recorder.received(bytes);
  }

  #send(connection: Connection, nowMs: number): void {
    const { request, recorder } = this.#parts;
    recorder.sent(nowMs, 0, 0);
    connection.send(request.bytes, nowMs, nowMs + request.timeoutMs);
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#parts.done();
  }
}
