/**
 * Whose turn it is among the requests that wait for one upstream, over all proxies: each takes a
 * ticket when it begins to wait, and each proxy tells the others, by a word on the board, the ticket
 * of the one that waits longest in it.
 */
import type { Board } from "../../board/board.ts";

/** One proxy's view. */
export interface WaitingOrder {
  /** The ticket of one that begins to wait; never 0. */
  take(): number;
  /** Tells the others who waits longest here; 0: nobody. */
  tell(ticket: number): void;
  /** Whether somebody waits in another proxy, but for those that were passed by. */
  hasOthers(): boolean;
  /** Whether nobody in another proxy has waited longer. */
  isNext(ticket: number): boolean;
  /** Leaves out whoever waits longer in another proxy: it does not take what is free, so it hangs. It
   * counts again as soon as somebody else waits longest there. */
  passBy(ticket: number): void;
}

/** The order of those who wait for upstream `slot`, as seen by `worker`. */
export function createWaitingOrder(board: Board, worker: number, slot: number): WaitingOrder {
  const own = board.counters[worker]!.upstreamWaiting;
  const others = board.counters.filter((_, index) => index !== worker);
  /** By proxy, the ticket that is left out. */
  const passedBy = new Int32Array(others.length);

  /** The ticket that one of the others told of, if it is due before this one; else 0. */
  const dueBefore = (ticket: number, index: number): number => {
    const theirs = Atomics.load(others[index]!.upstreamWaiting, slot);
    // Tickets wrap, so that only their distance says which is the older.
    return theirs !== 0 && ((theirs - ticket) | 0) < 0 ? theirs : 0;
  };

  return {
    take() {
      const before = Atomics.add(board.upstreamTicket, slot, 1);
      return before === -1 ? 1 : (before + 1) | 0;
    },
    tell(ticket) {
      Atomics.store(own, slot, ticket);
    },
    hasOthers() {
      return others.some(({ upstreamWaiting }, index) => {
        const theirs = Atomics.load(upstreamWaiting, slot);
        return theirs !== 0 && theirs !== passedBy[index];
      });
    },
    isNext(ticket) {
      for (let index = 0; index < others.length; index++) {
        const before = dueBefore(ticket, index);
        if (before !== 0 && before !== passedBy[index]) return false;
      }
      return true;
    },
    passBy(ticket) {
      for (let index = 0; index < others.length; index++)
        passedBy[index] = dueBefore(ticket, index);
    },
  };
}
