/**
 * When health looks at the proxies' facts: as soon as one of them asks for attention, and every
 * second. A storm of failures is looked at once per `gapMs`, however many proxies shout.
 */
import type { Board } from "../board/board.ts";
import type { TimerHandle, Timers } from "./clock.ts";

/** What the loop needs. */
export interface AttentionDeps {
  readonly board: Board;
  readonly timers: Timers;
  readonly everyMs: number;
  /** Least time between two looks. */
  readonly gapMs: number;
  look(): void;
}

/** Starts looking; `close` resolves when nothing waits on the board any more. */
export function createAttention(deps: AttentionDeps): { close(): Promise<void> } {
  const { board, timers } = deps;
  const life = new AbortController();
  let resting = false;
  let wanted = false;
  let rest: TimerHandle | undefined;
  let beat: TimerHandle | undefined;

  const look = (): void => {
    if (life.signal.aborted) return;
    wanted = resting;
    if (resting) return;
    resting = true;
    rest = timers.setTimeout(() => {
      resting = false;
      if (wanted) look();
    }, deps.gapMs);
    deps.look();
  };
  const pulse = (): void => {
    beat = timers.setTimeout(() => {
      look();
      if (!life.signal.aborted) pulse();
    }, deps.everyMs);
  };
  const follow = async (): Promise<void> => {
    let seen = Atomics.load(board.attention, 0);
    while (!life.signal.aborted) {
      const waiting = Atomics.waitAsync(board.attention, 0, seen);
      if (waiting.async) await waiting.value;
      seen = Atomics.load(board.attention, 0);
      look();
    }
  };
  pulse();
  const following = follow();
  return {
    async close() {
      life.abort();
      timers.clearTimeout(beat);
      timers.clearTimeout(rest);
      // Wakes the loop above without asking anybody for anything.
      Atomics.notify(board.attention, 0);
      await following;
    },
  };
}
