/** Silences: for a while nothing is sent of what matches. Kept over restarts. */
import type { Memory } from "../history/contract.ts";
import type { SilenceView } from "./contract.ts";
import { matches, type Labels } from "./labels.ts";

const SPACE = "alert_silences";

/** Silences at once. */
export const MAX_SILENCES = 500;

export interface Silences {
  /** Takes up those of before. */
  load(): void;
  /** Undefined where there are too many. */
  add(silence: Omit<SilenceView, "id">): string | undefined;
  end(id: string): boolean;
  /** Forgets those that are over. */
  prune(nowMs: number): void;
  /** The one that keeps these labels quiet. */
  idOf(labels: Labels, nowMs: number): string | undefined;
  list(): readonly SilenceView[];
}

/** Silences over a memory; empty until `load`. */
export function createSilences(memory: Memory, newId: () => string): Silences {
  const silences = new Map<string, SilenceView>();
  const end = (id: string): boolean => {
    if (!silences.delete(id)) return false;
    memory.delete(SPACE, id);
    return true;
  };
  return {
    load() {
      for (const [id, value] of memory.all(SPACE)) silences.set(id, value as SilenceView);
    },
    add(silence) {
      if (silences.size >= MAX_SILENCES) return undefined;
      const id = newId();
      silences.set(id, { id, ...silence });
      memory.set(SPACE, id, { id, ...silence });
      return id;
    },
    end,
    prune(nowMs) {
      for (const { id, untilMs } of silences.values()) if (untilMs <= nowMs) end(id);
    },
    idOf(labels, nowMs) {
      for (const { id, match, untilMs } of silences.values()) {
        if (untilMs > nowMs && matches(match, labels)) return id;
      }
      return undefined;
    },
    list: () => [...silences.values()].toSorted((one, other) => one.untilMs - other.untilMs),
  };
}
