/**
 * One endpoint as a proxy holds it: its settings, its rows on the board and its pool of idle
 * connections, last in first out, so that the few busiest stay warm and the rest time out.
 */
import { endpointRow, latencyRow } from "../../board/board.ts";
import type { EndpointSnapshot } from "../../snapshot/snapshot.ts";
import type { OriginContext } from "./attempt.ts";
import { OriginConnection } from "./origin-connection.ts";
import type { UpstreamGroup } from "./upstream-group.ts";

/** Idle longer than this, a connection is no longer trusted with a request that can't be repeated:
 * the origin may be closing it this moment. */
const FRESH_IDLE_MS = 1_000;

/** See the file's head. Lives as long as its upstream names it or an attempt uses it. */
export class EndpointRuntime {
  snapshot: EndpointSnapshot;
  readonly group: UpstreamGroup;
  readonly slot: number;
  /** Where its rows start in the worker's counters. */
  readonly row: number;
  readonly latencyRow: number;
  readonly #context: OriginContext;
  readonly #idle: OriginConnection[] = [];
  /** All its connections, dialling ones included. */
  readonly #open = new Set<OriginConnection>();
  /** The start of the first race it lost after its last answer; 0 while it answers. */
  #silentSinceMs = 0;
  #removed = false;

  constructor(snapshot: EndpointSnapshot, group: UpstreamGroup, context: OriginContext) {
    this.snapshot = snapshot;
    this.group = group;
    this.slot = snapshot.slot;
    this.row = endpointRow(snapshot.slot);
    this.latencyRow = latencyRow(snapshot.slot);
    this.#context = context;
  }

  get idleConnections(): number {
    return this.#idle.length;
  }

  /** See `IdlePool`. */
  get idleSinceMs(): number {
    return this.#idle[0]?.idleSinceMs ?? Infinity;
  }

  /** Closes the connection that has been idle longest; returns it, or `undefined` where none is. */
  closeColdest(): OriginConnection | undefined {
    for (;;) {
      const connection = this.#idle.shift();
      if (connection === undefined) return undefined;
      if (!connection.usable) continue;
      connection.destroy();
      return connection;
    }
  }

  /** The warmest idle connection; `undefined` where a new one must be dialled. With `recent` only
   * one that was in use a moment ago. */
  takeIdle(recent: boolean, nowMs: number): OriginConnection | undefined {
    for (;;) {
      const connection = this.#idle.at(-1);
      if (connection === undefined) return undefined;
      if (recent && nowMs - connection.idleSinceMs > FRESH_IDLE_MS) return undefined;
      this.#idle.pop();
      if (connection.usable) return connection;
    }
  }

  /** Dials a new connection; it reports to whom it is assigned. */
  dial(connectMs: number): OriginConnection {
    const connection = new OriginConnection(this, this.#context, connectMs);
    this.#open.add(connection);
    return connection;
  }

  /** Takes a connection back after a complete answer: kept if there is room, else closed. */
  giveBack(connection: OriginConnection): void {
    const { maxIdle, idleMs, maxRequests } = this.group.snapshot.pool;
    const worn = maxRequests > 0 && connection.attempts >= maxRequests;
    if (this.#removed || worn || this.#idle.length >= maxIdle) return connection.destroy();
    if (this.group.connections.takesNext()) return connection.destroy();
    const hinted = connection.hintedIdleMs;
    connection.rest(hinted > 0 ? Math.min(hinted, idleMs) : idleMs, this.#context.clock.nowMs);
    this.#idle.push(connection);
  }

  /** Drops a closed connection. */
  forget(connection: OriginConnection): void {
    this.#open.delete(connection);
    this.group.connections.closed(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** It was judged bad: tells the attempts that wait here for an answer. */
  giveUp(): void {
    for (const connection of this.#open) connection.giveUp();
  }

  /** An answer's head came. */
  spoke(): void {
    this.#silentSinceMs = 0;
  }

  /** Notes a lost race of an attempt started then; returns for how long it has been losing. */
  lost(startedMs: number, nowMs: number): number {
    if (this.#silentSinceMs === 0) this.#silentSinceMs = startedMs;
    return nowMs - this.#silentSinceMs;
  }

  /** No longer named by the configuration: idle connections go now, busy ones when they are done. */
  remove(): void {
    this.#removed = true;
    this.closeIdle();
  }

  closeIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }
}
