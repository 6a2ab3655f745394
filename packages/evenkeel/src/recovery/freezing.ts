/** The global freeze: no plan begins a run until a person thaws. Kept over a restart. */
import type { Memory } from "../history/contract.ts";

export interface Frozen {
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
}

export interface Freezing {
  now(): Frozen | undefined;
  freeze(frozen: Frozen): void;
  /** False where nothing was frozen. */
  thaw(nowMs: number): boolean;
  /** Runs before the last thaw don't count towards the next freeze. */
  countsSinceMs(): number;
}

const SPACE = "recovery";

/** As it was remembered. */
export function createFreezing(memory: Memory): Freezing {
  let frozen = memory.get(SPACE, "frozen") as Frozen | undefined;
  let thawedAtMs = Number(memory.get(SPACE, "thawed") ?? 0);
  return {
    now: () => frozen,
    freeze(now) {
      frozen = now;
      memory.set(SPACE, "frozen", now);
    },
    thaw(nowMs) {
      if (!frozen) return false;
      frozen = undefined;
      thawedAtMs = nowMs;
      memory.delete(SPACE, "frozen");
      memory.set(SPACE, "thawed", nowMs);
      return true;
    },
    countsSinceMs: () => thawedAtMs,
  };
}
