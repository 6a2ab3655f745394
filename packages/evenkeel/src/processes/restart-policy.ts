/** What follows an exit that nobody asked for: a pure judgement over the row of restarts. */
import type { RestartSettings } from "../snapshot/process-settings.ts";

/** What is remembered of an instance's restarts. Times are those of the monotonic clock. */
export interface RestartMemory {
  /** Restarts in a row: the next one waits for `delaysMs[row]`. */
  readonly row: number;
  /** Restarts within the limit's window, oldest first; never more than its count. */
  readonly recent: readonly number[];
  /** It is in a crash loop, and that was told. */
  readonly looping: boolean;
}

/** Of an instance without a past. */
export const cleanSlate: RestartMemory = Object.freeze({ row: 0, recent: [], looping: false });

/** How a run ended. */
export interface RunEnd {
  /** Undefined where a signal ended it, or nobody could see how it ended. */
  readonly code: number | undefined;
  /** Milliseconds since it became ready; 0 where it never was. */
  readonly readyForMs: number;
}

export type RestartVerdict =
  /** It is left alone. */
  | { readonly kind: "leave"; readonly memory: RestartMemory }
  | { readonly kind: "again"; readonly delayMs: number; readonly memory: RestartMemory }
  /** A crash loop: seldom from now on, or (`delayMs` undefined) never. `entered`: it begins now. */
  | {
      readonly kind: "loop";
      readonly delayMs: number | undefined;
      readonly entered: boolean;
      readonly memory: RestartMemory;
    };

/** Judges one end at `nowMs`; `random` is uniform in [0, 1). Restarts are counted in a window however
 * long a run had lasted, so that dying right after becoming ready is a crash loop, too. */
export function judgeEnd(
  settings: RestartSettings,
  before: RestartMemory,
  end: RunEnd,
  nowMs: number,
  random: number,
): RestartVerdict {
  const memory = end.readyForMs >= settings.resetAfterMs ? cleanSlate : before;
  if (!restarts(settings, end)) return { kind: "leave", memory };
  const { limit } = settings;
  const recent = limit ? memory.recent.filter((atMs) => atMs > nowMs - limit.windowMs) : [];
  const lengthen = 1 + (settings.jitterPercent / 100) * random;
  if (memory.looping || (limit && recent.length >= limit.count)) {
    const delayMs = settings.then === "slow" ? settings.slowMs * lengthen : undefined;
    const after = { row: memory.row, recent, looping: true };
    return { kind: "loop", delayMs, entered: !memory.looping, memory: after };
  }
  const delays = settings.delaysMs;
  const delayMs = (delays[Math.min(memory.row, delays.length - 1)] ?? 0) * lengthen;
  const after = {
    row: memory.row + 1,
    recent: limit ? [...recent, nowMs] : [],
    looping: false,
  };
  return { kind: "again", delayMs, memory: after };
}

function restarts({ policy, expectedExitCodes }: RestartSettings, { code }: RunEnd): boolean {
  if (policy === "unexpected") return code === undefined || !expectedExitCodes.includes(code);
  return policy === "always";
}
