/**
 * Where requests of one upstream wait, first in first out, until an endpoint has room again or one
 * is available at all. Woken by this proxy's own releases, by other proxies through a word on the
 * board, and by control's changes of state.
 */
import type { Board, Counters } from "../../board/board.ts";

/** A waiting request. */
export interface Waiting {
  /** Tries to be served now; true once it no longer needs to wait, for whatever reason. */
  serve(): boolean;
}

/** See the file's head. */
export class WaitingRoom {
  readonly #board: Board;
  readonly #counters: Counters;
  readonly #slot: number;
  /** Brings the proxy's clock up to date. */
  readonly #tick: () => void;
  readonly #waiting: Waiting[] = [];
  #listening = false;
  #pumping = false;

  constructor(board: Board, counters: Counters, slot: number, tick: () => void) {
    this.#board = board;
    this.#counters = counters;
    this.#slot = slot;
    this.#tick = tick;
  }

  /** Waiting in this proxy. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Waiting in all proxies together. */
  get total(): number {
    return Atomics.load(this.#board.upstreamPending, this.#slot);
  }

  add(request: Waiting): void {
    this.#waiting.push(request);
    this.#count(1);
    this.#listen();
  }

  /** Nothing happens where it does not wait. */
  remove(request: Waiting): void {
    const at = this.#waiting.indexOf(request);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#count(-1);
  }

  /** Serves from the front until somebody has to go on waiting. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        const first = this.#waiting[0];
        if (first === undefined || !first.serve()) break;
        // Serving may have removed it already.
        this.remove(first);
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** The upstream itself changed: whoever waits may be served now. */
  upstreamChanged(): void {
    if (this.#waiting.length === 0) return;
    this.#tick();
    this.pump();
  }

  /** Room was freed here: serve the own, and tell other proxies if some of theirs wait. */
  freed(): void {
    if (this.#waiting.length > 0) this.pump();
    if (Atomics.load(this.#board.upstreamPending, this.#slot) > this.#waiting.length) {
      Atomics.add(this.#board.upstreamFreed, this.#slot, 1);
      Atomics.notify(this.#board.upstreamFreed, this.#slot);
    }
  }

  #count(by: number): void {
    Atomics.add(this.#board.upstreamPending, this.#slot, by);
    this.#counters.upstreamPending[this.#slot]! += by;
  }

  /** Sleeps on the board's word as long as somebody waits here. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const word = this.#board.upstreamFreed;
    const wait = Atomics.waitAsync(word, this.#slot, Atomics.load(word, this.#slot), 1_000);
    const woken = (): void => {
      this.#listening = false;
      this.#tick();
      this.pump();
      if (this.#waiting.length > 0) this.#listen();
    };
    if (wait.async) void wait.value.then(woken);
    else setImmediate(woken);
  }
}
