/**
 * Where requests of one upstream wait until an endpoint has room again or one is available at all.
 * Where room is scarce it goes to the one that waited longest in any proxy, else to the first here.
 * Woken by this proxy's own releases, by other proxies through a word on the board, and by control's
 * changes of state.
 */
import type { Board, Counters } from "../../board/board.ts";
import { createWaitingOrder, type WaitingOrder } from "./waiting-order.ts";

/** Nothing was told for so long: whoever is next and did not take what is free hangs. */
const QUIET_MS = 100;

/** A waiting request. Whether it can be served must depend on nothing but the upstream: where one
 * can't, nobody behind it can. */
export interface Waiting {
  /** Tries to be served now; true once it no longer needs to wait, for whatever reason. */
  serve(): boolean;
}

/** Where a room is and what it needs. */
export interface WaitingRoomDeps {
  readonly board: Board;
  readonly worker: number;
  /** The upstream's. */
  readonly slot: number;
  /** Brings the proxy's clock up to date. */
  readonly tick: () => void;
  /** Room is bounded: who is served takes it from somebody else. */
  readonly isScarce: () => boolean;
  /** In place of `QUIET_MS`. */
  readonly quietMs?: number;
}

interface Place {
  readonly request: Waiting;
  readonly ticket: number;
}

/** See the file's head. */
export class WaitingRoom {
  readonly #deps: WaitingRoomDeps;
  readonly #counters: Counters;
  readonly #order: WaitingOrder;
  readonly #places: Place[] = [];
  #listening = false;
  #pumping = false;
  /** Room was freed that the others may not know of. */
  #untold = false;

  constructor(deps: WaitingRoomDeps) {
    const { board, worker, slot } = deps;
    this.#deps = deps;
    this.#counters = board.counters[worker]!;
    this.#order = createWaitingOrder(board, worker, slot);
  }

  /** Waiting in this proxy. */
  get length(): number {
    return this.#places.length;
  }

  /** Waiting in all proxies together. */
  get total(): number {
    const { board, slot } = this.#deps;
    return Atomics.load(board.upstreamPending, slot);
  }

  /** Somebody waits in another proxy. */
  get hasOthers(): boolean {
    return this.#order.hasOthers();
  }

  /** May serve it at once: what was freed since it was turned away nobody told of. */
  add(request: Waiting): void {
    const freed = this.#freedCount();
    this.#places.push({ request, ticket: this.#order.take() });
    this.#tellFirst();
    this.#count(1);
    this.pump();
    this.#listen(freed);
  }

  /** Nothing happens where it does not wait. */
  remove(request: Waiting): void {
    // Room may be free for whoever was behind it.
    if (this.#drop(request) && this.#deps.isScarce() && !this.#pumping) this.#wakeOthers();
  }

  /** Serves from the front until somebody has to go on waiting. */
  pump(): void {
    this.#pump(false);
  }

  /** The upstream itself changed: whoever waits may be served now. */
  upstreamChanged(): void {
    if (this.#places.length === 0) return;
    this.#deps.tick();
    this.pump();
  }

  /** Room was freed here: for the first of those who wait, here or in another proxy. */
  freed(): void {
    this.#untold = true;
    this.pump();
  }

  /** With `quiet` also those whose turn it is not. */
  #pump(quiet: boolean): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let isFull = false;
    try {
      for (let first = this.#places[0]; first !== undefined; first = this.#places[0]) {
        const isNext = !this.#deps.isScarce() || this.#order.isNext(first.ticket);
        if (!isNext && !quiet) break;
        isFull = !first.request.serve();
        if (isFull) break;
        if (!isNext) this.#order.passBy(first.ticket);
        // Serving may have removed it already.
        this.#drop(first.request);
        this.#untold = true;
      }
    } finally {
      this.#pumping = false;
    }
    const untold = this.#untold;
    this.#untold = false;
    if (untold && !isFull) this.#wakeOthers();
  }

  /** True where it was the first. */
  #drop(request: Waiting): boolean {
    const at = this.#places.findIndex((place) => place.request === request);
    if (at < 0) return false;
    this.#places.splice(at, 1);
    this.#tellFirst();
    this.#count(-1);
    return at === 0;
  }

  #tellFirst(): void {
    this.#order.tell(this.#places[0]?.ticket ?? 0);
  }

  #count(by: number): void {
    const { board, slot } = this.#deps;
    Atomics.add(board.upstreamPending, slot, by);
    this.#counters.upstreamPending[slot]! += by;
  }

  #wakeOthers(): void {
    if (this.total <= this.#places.length) return;
    const { board, slot } = this.#deps;
    Atomics.add(board.upstreamFreed, slot, 1);
    Atomics.notify(board.upstreamFreed, slot);
  }

  #freedCount(): number {
    const { board, slot } = this.#deps;
    return Atomics.load(board.upstreamFreed, slot);
  }

  /** Sleeps on the board's word as long as somebody waits here. `freed` is what it was before the
   * last look. */
  #listen(freed: number): void {
    if (this.#listening || this.#places.length === 0) return;
    this.#listening = true;
    const { board, slot, quietMs = QUIET_MS } = this.#deps;
    const wait = Atomics.waitAsync(board.upstreamFreed, slot, freed, quietMs);
    if (wait.async) void wait.value.then((how) => this.#woken(how === "timed-out"));
    else setImmediate(() => this.#woken(false));
  }

  #woken(quiet: boolean): void {
    this.#listening = false;
    const freed = this.#freedCount();
    this.#deps.tick();
    this.#pump(quiet);
    this.#listen(freed);
  }
}
