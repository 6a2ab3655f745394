/**
 * A proxy's side of an upstream's circuit breaker: three words on the board that all proxies share.
 * Control opens it by error ratio; here it refuses, lets a few requests through once its time is
 * over, and closes or opens again by how they went.
 *
 * While half open, the low half of the probes word counts requests let through and the high half
 * those that went well. A half-open breaker whose probes were lost with their proxy starts over
 * after another `openMs`.
 */
import type { Board } from "../../board/board.ts";

const CLOSED = 0;
const OPEN = 1;
const HALF_OPEN = 2;
const ONE_SUCCESS = 0x1_0000;
/** Threads read the clock at slightly different moments. More than that beyond the time it is open
 * means that the clock was set back: the breaker must not stay open for as long. */
const MOST_APART_MS = 1000;

export type Admission = "closed" | "probe" | "refused";

/** Whether a request may pass; a `probe` must be followed by exactly one `settleProbe`. */
export function passBreaker(
  board: Board,
  slot: number,
  settings: { readonly openMs: number; readonly halfOpenRequests: number },
  nowMs: number,
): Admission {
  const state = Atomics.load(board.breakerState, slot);
  if (state === CLOSED) return "closed";
  const leftMs = board.breakerOpenUntilMs[slot]! - nowMs;
  if (leftMs <= 0 || leftMs > settings.openMs + MOST_APART_MS) {
    board.breakerOpenUntilMs[slot] = nowMs + settings.openMs;
    Atomics.store(board.breakerProbes, slot, 0);
    Atomics.store(board.breakerState, slot, HALF_OPEN);
  } else if (state === OPEN) return "refused";
  const letThrough = Atomics.add(board.breakerProbes, slot, 1) & (ONE_SUCCESS - 1);
  if (letThrough < settings.halfOpenRequests) return "probe";
  Atomics.sub(board.breakerProbes, slot, 1);
  return "refused";
}

/** Reports how a probe went; `undefined` gives its place to another (its client left, say). */
export function settleProbe(
  board: Board,
  slot: number,
  settings: { readonly openMs: number; readonly halfOpenRequests: number },
  went: boolean | undefined,
  nowMs: number,
): void {
  if (Atomics.load(board.breakerState, slot) !== HALF_OPEN) return;
  if (went === undefined) Atomics.sub(board.breakerProbes, slot, 1);
  else if (!went) {
    board.breakerOpenUntilMs[slot] = nowMs + settings.openMs;
    Atomics.store(board.breakerState, slot, OPEN);
  } else {
    const before = Atomics.add(board.breakerProbes, slot, ONE_SUCCESS);
    const successes = Math.floor(before / ONE_SUCCESS) + 1;
    if (successes >= settings.halfOpenRequests) Atomics.store(board.breakerState, slot, CLOSED);
  }
}
