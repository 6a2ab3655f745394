/**
 * How many requests and retries an upstream saw in the last ten seconds, over all proxies: what the
 * retry budget is measured against. A window, not a momentary count, so that the burst of retries
 * when one of three endpoints dies fits into what calm traffic has saved up (Finagle's budget).
 */
import { upstreamCounter, upstreamRow, type Board } from "../../board/board.ts";

const WINDOW_S = 10;

/** Requests and retries of one upstream within the window. */
export interface RetryWindow {
  /** Call once a second. */
  sample(): void;
  requests(): number;
  retries(): number;
}

/** A window over the counters of upstream `slot`; empty at first. */
export function createRetryWindow(board: Board, slot: number): RetryWindow {
  const row = upstreamRow(slot);
  const sum = (column: number): number => {
    let total = 0;
    for (const worker of board.counters) total += worker.upstream[row + column]!;
    return total;
  };
  const pastRequests = new Float64Array(WINDOW_S).fill(sum(upstreamCounter.requests));
  const pastRetries = new Float64Array(WINDOW_S).fill(sum(upstreamCounter.retries));
  let oldest = 0;
  return {
    sample(): void {
      pastRequests[oldest] = sum(upstreamCounter.requests);
      pastRetries[oldest] = sum(upstreamCounter.retries);
      oldest = (oldest + 1) % WINDOW_S;
    },
    requests: () => sum(upstreamCounter.requests) - pastRequests[oldest]!,
    retries: () => sum(upstreamCounter.retries) - pastRetries[oldest]!,
  };
}
