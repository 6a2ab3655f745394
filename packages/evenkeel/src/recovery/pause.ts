/** Waiting on injected timers. */
import type { Timers } from "../health/clock.ts";

/** Resolves after the time, or at once when the signal is aborted. */
export function pause(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    timers.clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve();
  };
  const timer = timers.setTimeout(end, ms);
  signal.addEventListener("abort", end, { once: true });
  return promise;
}

/** The work with a signal that is aborted after the time or with `outer`. Where the work does not end
 * at the abort it is left behind, and `late` is the answer. */
export async function bounded<T>(
  timers: Timers,
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => T | Promise<T>,
  late: T,
): Promise<T> {
  const limit = new AbortController();
  const timer = timers.setTimeout(() => limit.abort(), ms);
  const signal = AbortSignal.any([outer, limit.signal]);
  const { promise, resolve } = Promise.withResolvers<T>();
  // Who obeys the abort says better what came of it: it gets its turn first.
  const giveUp = (): void => void timers.setTimeout(() => resolve(late), LAST_WORDS_MS);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    if (signal.aborted) return late;
    return await Promise.race([work(signal), promise]);
  } finally {
    timers.clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
  }
}

const LAST_WORDS_MS = 500;
