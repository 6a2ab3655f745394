/** Calls back when control published something on the board: no polling, and nothing per request. */
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Board } from "../board/board.ts";

/** Calls `look` now and after every change, however many there were: at most once per turn of the
 * event loop. Ends with the thread; it keeps no process alive. */
export async function followPublished(board: Board, look: () => void): Promise<never> {
  for (;;) {
    // Read before looking: what changes meanwhile is seen the next time.
    const seen = Atomics.load(board.published, 0);
    look();
    const change = Atomics.waitAsync(board.published, 0, seen);
    if (change.async) await change.value;
    await nextTurn(undefined, { ref: false });
  }
}
