/** Tells which proxies are stuck: alive, but without a sign of life. */

export interface StuckWatch {
  /** `signs[worker]` is when a proxy last gave a sign of life, or was started if that is later;
   * undefined for one that is not expected to. Answers the workers that are stuck. */
  check(nowMs: number, signs: readonly (number | undefined)[]): number[];
}

/** A watch to be asked about once a second. Where the asking itself paused (the machine was asleep,
 * the process stopped), everybody gets the full time again. */
export function createStuckWatch(afterMs: number): StuckWatch {
  let lastCheckMs = Number.NaN;
  let resumedMs = Number.NEGATIVE_INFINITY;
  return {
    check(nowMs, signs) {
      const pause = nowMs - lastCheckMs;
      lastCheckMs = nowMs;
      if (pause > afterMs / 2 || pause < 0) resumedMs = nowMs;
      return signs.flatMap((sign, worker) =>
        sign !== undefined && nowMs - Math.max(sign, resumedMs) > afterMs ? [worker] : [],
      );
    },
  };
}
