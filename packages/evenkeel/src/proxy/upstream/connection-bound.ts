/**
 * The bound on an upstream's connections (`circuit_breaker.max_connections`), exact over all proxies.
 * Those that lie idle count, so one of them makes way for a request that needs another: one of this
 * proxy at once, another proxy's after a word on the board, for which the request waits.
 */
import type { Board } from "../../board/board.ts";

/** Idle connections to one endpoint. */
export interface IdlePool {
  /** When the one was given back that has been idle longest, on the monotonic clock; infinite where
   * none is idle. */
  readonly idleSinceMs: number;
  /** Closes that one. Whoever owns it tells `ConnectionBound.closed` when it is gone. */
  closeColdest(): object | undefined;
}

/** See the file's head. One per upstream and proxy. */
export class ConnectionBound {
  /** 0 for no bound. */
  max = 0;
  readonly #board: Board;
  readonly #slot: number;
  /** How this proxy names itself as the one that wants a connection. */
  readonly #self: number;
  readonly #pools: () => Iterable<IdlePool>;
  /** Closed here, but still counted. */
  readonly #makingWay = new Set<object>();

  constructor(board: Board, worker: number, slot: number, pools: () => Iterable<IdlePool>) {
    this.#board = board;
    this.#self = worker + 1;
    this.#slot = slot;
    this.#pools = pools;
  }

  /** Takes the room for a connection that is dialled now: then call `dialled`. False where there is
   * none, nor any idle connection here. */
  reserve(): boolean {
    if (this.max === 0) return true;
    const { upstreamConnections, upstreamWanted } = this.#board;
    for (;;) {
      const before = Atomics.add(upstreamConnections, this.#slot, 1);
      if (before - this.#makingWay.size < this.max) break;
      Atomics.sub(upstreamConnections, this.#slot, 1);
      if (!this.#closeIdle()) return false;
    }
    Atomics.compareExchange(upstreamWanted, this.#slot, this.#self, 0);
    return true;
  }

  /** The connection counts by itself from here on. */
  dialled(): void {
    if (this.max > 0) Atomics.sub(this.#board.upstreamConnections, this.#slot, 1);
  }

  /** Asks the other proxies for an idle connection to make way; false where, with `busy` of them in
   * use, none can be idle. */
  ask(busy: number): boolean {
    const { upstreamConnections, upstreamWanted, published } = this.#board;
    if (busy >= Atomics.load(upstreamConnections, this.#slot)) return false;
    if (Atomics.compareExchange(upstreamWanted, this.#slot, 0, this.#self) === 0) {
      Atomics.add(published, 0, 1);
      Atomics.notify(published, 0);
    }
    return true;
  }

  /** Closes an idle connection if another proxy asked for it. */
  makeWay(): void {
    if (this.max === 0 || !this.#isWanted) return;
    // Where none is idle the next that would be makes way.
    if (this.#closeIdle()) this.takesNext();
  }

  /** Whether a connection that would lie idle from now on is to make way for another proxy. */
  takesNext(): boolean {
    if (this.max === 0 || !this.#isWanted) return false;
    const { upstreamWanted } = this.#board;
    const wanted = Atomics.load(upstreamWanted, this.#slot);
    return Atomics.compareExchange(upstreamWanted, this.#slot, wanted, 0) === wanted;
  }

  /** A connection is gone. */
  closed(connection: object): void {
    if (this.#makingWay.size > 0) this.#makingWay.delete(connection);
  }

  get #isWanted(): boolean {
    const wanted = this.#board.upstreamWanted[this.#slot]!;
    return wanted !== 0 && wanted !== this.#self;
  }

  /** The one of all endpoints that has been idle longest. */
  #closeIdle(): boolean {
    for (;;) {
      let coldest: IdlePool | undefined;
      for (const pool of this.#pools()) {
        if (pool.idleSinceMs < (coldest?.idleSinceMs ?? Infinity)) coldest = pool;
      }
      if (coldest === undefined) return false;
      const connection = coldest.closeColdest();
      // Otherwise those it had were closing anyway, and it has none any more.
      if (connection === undefined) continue;
      this.#makingWay.add(connection);
      return true;
    }
  }
}
