/**
 * nginx's `max_fails` as seen from outside. The proxies count and hold back by themselves, request
 * by request; this only tells people that an endpoint is being held, and until when.
 */
import { isHeldBack } from "@evenkeel/balance";
import type { Board } from "../board/board.ts";
import type { Member } from "./member.ts";
import type { Absence } from "./state.ts";

/** The hold in force on an endpoint, undefined where there is none. A lone endpoint is never held,
 * as in nginx. `nowMs` is the wall clock; nginx's clock has whole seconds. */
export function holdOf(
  board: Board,
  member: Member,
  groupSize: number,
  nowMs: number,
): Absence | undefined {
  const { maxFails, failTimeoutMs, slot } = member.settings;
  if (maxFails === undefined || groupSize < 2) return undefined;
  if (!isHeldBack(board, slot, maxFails, failTimeoutMs, nowMs)) return undefined;
  const fails = Atomics.load(board.fails, slot);
  const count = fails === 1 ? "1 request failed" : `${fails} requests failed`;
  return {
    reason: `${count}, max_fails is ${maxFails}`,
    // Over in the first whole second in which more than fail_timeout has passed.
    untilMs: (board.checkedS[slot]! + Math.floor(failTimeoutMs / 1000) + 1) * 1000,
  };
}
