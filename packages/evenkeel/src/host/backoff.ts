/** How long to wait before a dead thread is replaced. */

export interface BackoffSettings {
  /** The first wait after a thread that did not live long. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A thread that lived this long is replaced at once. */
  readonly stableMs: number;
}

/** The wait before the next start: 0 after a long life, else double the wait before it. */
export function nextDelay(settings: BackoffSettings, previousMs: number, livedMs: number): number {
  if (livedMs >= settings.stableMs) return 0;
  return Math.min(settings.maxMs, Math.max(settings.firstMs, previousMs * 2));
}
