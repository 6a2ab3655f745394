/**
 * One thread's open loop: requests are sent when they are due, whatever became of the others, and
 * count from then on. What is due while no connection is free waits its turn, and the wait counts;
 * that is what coordinated omission leaves out.
 */
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionPool, PoolUser } from "./connection-pool.ts";
import type { FailureKind } from "./failure-kind.ts";
import type { LoadRequest } from "./load-request.ts";
import type { Recorder } from "./recorder.ts";
import type { Schedule } from "./schedule.ts";

export interface OpenLoopParts {
  readonly request: LoadRequest;
  readonly schedule: Schedule;
  readonly pool: ConnectionPool;
  readonly recorder: Recorder;
  readonly maxConnections: number;
  readonly maxQueue: number;
  readonly clock: Clock;
  /** Every request has its outcome. */
  readonly done: () => void;
}

export class OpenLoop implements PoolUser {
  readonly #parts: OpenLoopParts;
  /** The next request to be sent; those before have been sent or dropped. */
  #next = 0;
  #settled = 0;
  /** Since when a connection has been free without a break. */
  #freeSinceMs = 0;
  #isDone = false;

  constructor(parts: OpenLoopParts) {
    this.#parts = parts;
  }

  /** Sends what is due. Returns when the next request will be; infinity where none will. */
  pump(nowMs: number): number {
    const { schedule, pool } = this.#parts;
    const due = schedule.dueBy(nowMs);
    this.#drop(due, nowMs);
    while (this.#next < due) {
      const connection = pool.take(nowMs);
      if (!connection) break;
      this.#send(connection, nowMs);
    }
    if (this.#next < due) this.#openMore(due - this.#next, nowMs);
    this.#finishWhenSettled();
    return due < schedule.total ? schedule.dueMs(due) : Number.POSITIVE_INFINITY;
  }

  /** No request is due from then on. */
  cut(atMs: number): void {
    this.#parts.schedule.cut(Math.max(atMs, this.#parts.clock()));
    this.#parts.recorder.cut(atMs);
    this.pump(this.#parts.clock());
  }

  free(): void {
    const nowMs = this.#parts.clock();
    if (this.#parts.pool.idle === 1) this.#freeSinceMs = nowMs;
    this.pump(nowMs);
  }

  answered(connection: Connection): void {
    const { recorder, clock, pool } = this.#parts;
    const nowMs = clock();
    recorder.answered(connection.countsFromMs, nowMs, connection.status);
    this.#settled++;
    if (connection.state === "idle" && pool.idle === 1) this.#freeSinceMs = nowMs;
    this.pump(nowMs);
  }

  failed(connection: Connection, kind: FailureKind, reason: string): void {
    const { recorder, clock } = this.#parts;
    recorder.failed(kind, reason, connection.countsFromMs, clock());
    this.#settled++;
    this.#finishWhenSettled();
  }

  /** The connection was opened for a request that waits: the first in line fails with it. */
  connectFailed(reason: string): void {
    const { schedule, recorder, clock } = this.#parts;
    const nowMs = clock();
    if (this.#next < schedule.dueBy(nowMs)) {
      recorder.failed("connect", reason, schedule.dueMs(this.#next++), nowMs);
      this.#settled++;
    }
    this.#finishWhenSettled();
  }

  ended(): void {} // The next request that needs a connection opens one.

  received(bytes: number): void {
    this.#parts.recorder.received(bytes);
  }

  #send(connection: Connection, nowMs: number): void {
    const { schedule, recorder, request } = this.#parts;
    const dueMs = schedule.dueMs(this.#next++);
    recorder.sent(dueMs, nowMs - dueMs, nowMs - Math.max(dueMs, this.#freeSinceMs));
    connection.send(request.bytes, dueMs, dueMs + request.timeoutMs);
  }

  /** The first in line go: those beyond the bound, and those whose time is over. */
  #drop(due: number, nowMs: number): void {
    const { schedule, recorder, request, maxQueue, pool } = this.#parts;
    const over = due - this.#next - pool.idle - maxQueue;
    for (let count = 0; count < over; count++) {
      recorder.failed("dropped", "too many waited", schedule.dueMs(this.#next++), nowMs);
      this.#settled++;
    }
    while (this.#next < due && nowMs - schedule.dueMs(this.#next) >= request.timeoutMs) {
      recorder.failed("dropped", "waited too long", schedule.dueMs(this.#next++), nowMs);
      this.#settled++;
    }
  }

  #openMore(waiting: number, nowMs: number): void {
    const { pool, maxConnections } = this.#parts;
    const more = Math.min(waiting - pool.connecting, maxConnections - pool.open);
    for (let count = 0; count < more; count++) pool.connect(nowMs);
  }

  #finishWhenSettled(): void {
    if (this.#isDone || this.#settled < this.#parts.schedule.total) return;
    if (this.#parts.clock() < this.#parts.recorder.window.endMs) return;
    this.#isDone = true;
    this.#parts.done();
  }
}
