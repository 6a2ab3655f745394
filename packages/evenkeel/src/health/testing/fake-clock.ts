/** Time that stands still until a test moves it. */
import { setImmediate as turn } from "node:timers/promises";
import type { Clock, Timers } from "../clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Both clocks, the timers, and the way to move them. */
export interface FakeClock extends Clock, Timers {
  /** Moves time on, running what falls due in order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock without moving time. */
  setWall(ms: number): void;
  /** Timers waiting now. */
  pending(): number;
}

/** Starts at `startMs` on the wall and at 1000 on the monotonic clock. */
export function createFakeClock(startMs = 1_000_000_000_000): FakeClock {
  const timers = new Set<Timer>();
  let nowMs = 1000;
  let wallOffsetMs = startMs - nowMs;
  let order = 0;
  const due = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!first || timer.dueMs < first.dueMs) first = timer;
    }
    return first;
  };
  return {
    nowMs: () => nowMs + wallOffsetMs,
    monotonicMs: () => nowMs,
    setWall(ms) {
      wallOffsetMs = ms - nowMs;
    },
    setTimeout(run, delayMs) {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, run };
      timers.add(timer);
      return timer;
    },
    clearTimeout(handle) {
      timers.delete(handle as Timer);
    },
    pending: () => timers.size,
    async advance(ms) {
      const untilMs = nowMs + ms;
      await turn();
      for (let timer = due(untilMs); timer; timer = due(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.run();
        await turn();
      }
      nowMs = untilMs;
    },
  };
}
