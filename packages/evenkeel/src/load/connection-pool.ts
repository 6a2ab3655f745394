/** The connections of one thread. */
import type { Clock } from "./clock.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import type { FailureKind } from "./failure-kind.ts";
import type { LoadRequest } from "./load-request.ts";

/** Whom the pool serves: the loop of the step that runs. Connections outlive steps. */
export interface PoolUser {
  /** A connection can be taken. */
  free(): void;
  answered(connection: Connection): void;
  failed(connection: Connection, kind: FailureKind, reason: string): void;
  connectFailed(reason: string): void;
  /** A connection that nobody used is gone. */
  ended(): void;
  received(bytes: number): void;
}

/** Many origins close idle connections after five seconds: nothing is sent on one that old. */
const longestIdleMs = 4_000;
const bufferBytes = 64 * 1024;

/** Last in, first out, so that no more connections are kept warm than are needed. */
export class ConnectionPool implements ConnectionOwner {
  user: PoolUser | undefined;
  /** Counts whatever was sent and whatever came. */
  activity = 0;
  readonly #request: LoadRequest;
  readonly #clock: Clock;
  readonly #buffer = Buffer.allocUnsafe(bufferBytes);
  readonly #all: Connection[] = [];
  readonly #idle: Connection[] = [];
  #connecting = 0;
  #mostOpen = 0;

  constructor(request: LoadRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
  }

  /** Those being opened included. */
  get open(): number {
    return this.#all.length;
  }

  get connecting(): number {
    return this.#connecting;
  }

  /** Free to be taken. */
  get idle(): number {
    return this.#idle.length;
  }

  /** Those with a request out. */
  get busy(): number {
    return this.#all.length - this.#idle.length - this.#connecting;
  }

  /** Most connections open at once since the last call. */
  takeMostOpen(): number {
    const most = Math.max(this.#mostOpen, this.#all.length);
    this.#mostOpen = this.#all.length;
    return most;
  }

  /** A free connection; undefined where there is none. */
  take(nowMs: number): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      this.activity++;
      if (!connection || nowMs - connection.idleSinceMs < longestIdleMs) return connection;
      connection.destroy();
      this.#remove(connection);
    }
  }

  /** Starts to open one more. */
  connect(nowMs: number): void {
    this.#connecting++;
    const deadlineMs = nowMs + this.#request.timeoutMs;
    const connection = new Connection(this.#request, this, this.#buffer, deadlineMs);
    connection.place = this.#all.push(connection) - 1;
    if (this.#all.length > this.#mostOpen) this.#mostOpen = this.#all.length;
  }

  /** Fails what is past its deadline. */
  sweep(nowMs: number): void {
    for (let at = this.#all.length - 1; at >= 0; at--) {
      const connection = this.#all[at];
      if (connection && connection.state !== "idle" && nowMs >= connection.deadlineMs) {
        connection.expire();
      }
    }
  }

  /** Closes idle connections until at most so many are open. */
  shrink(most: number): void {
    while (this.#all.length > most && this.#idle.length > 0) {
      const connection = this.#idle.shift()!;
      connection.destroy();
      this.#remove(connection);
    }
  }

  /** Ends all, without a word to the user. */
  close(): void {
    for (const connection of this.#all.splice(0)) connection.destroy();
    this.#idle.length = 0;
    this.#connecting = 0;
  }

  connected(connection: Connection): void {
    this.#connecting--;
    connection.idleSinceMs = this.#clock();
    this.#idle.push(connection);
    this.user?.free();
  }

  answered(connection: Connection): void {
    if (connection.state === "idle") {
      connection.idleSinceMs = this.#clock();
      this.#idle.push(connection);
    } else {
      this.#remove(connection);
    }
    this.user?.answered(connection);
  }

  failed(connection: Connection, kind: FailureKind, reason: string): void {
    this.#remove(connection);
    if (kind !== "connect") {
      this.user?.failed(connection, kind, reason);
      return;
    }
    this.#connecting--;
    this.user?.connectFailed(reason);
  }

  ended(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#remove(connection);
    this.user?.ended();
  }

  received(bytes: number): void {
    this.activity++;
    this.user?.received(bytes);
  }

  /** The last one takes its place: order means nothing here. */
  #remove(connection: Connection): void {
    const last = this.#all.pop();
    if (last === undefined || last === connection) return;
    this.#all[connection.place] = last;
    last.place = connection.place;
  }
}
