/**
 * How many requests ended, and how many of them failed, within the last so many milliseconds.
 *
 * Ten buckets of a tenth of the window each, the youngest still filling, so that a total covers
 * between nine tenths of the window and all of it. Plain data: it can be stored and handed back.
 */

const BUCKETS = 10;

/** Changed in place by `countInWindow`; made by `createWindow`; its insides are nobody's business. */
export interface SlidingWindow {
  readonly bucketMs: number;
  /** Number of the youngest bucket: its start divided by `bucketMs`. */
  latest: number;
  readonly requests: number[];
  readonly failures: number[];
}

/** What a window holds. */
export interface WindowTotals {
  readonly requests: number;
  /** Part of `requests`. */
  readonly failures: number;
}

/** An empty window; `windowMs` is above zero. */
export function createWindow(windowMs: number): SlidingWindow {
  const zeros = (): number[] => Array.from({ length: BUCKETS }, () => 0);
  return { bucketMs: windowMs / BUCKETS, latest: 0, requests: zeros(), failures: zeros() };
}

/** Adds what ended since the last call (differences of counters, not the counters). A clock that
 * went back counts as standing still. */
export function countInWindow(
  window: SlidingWindow,
  nowMs: number,
  requests: number,
  failures: number,
): void {
  advance(window, nowMs);
  const bucket = window.latest % BUCKETS;
  window.requests[bucket] = window.requests[bucket]! + requests;
  window.failures[bucket] = window.failures[bucket]! + failures;
}

/** The totals of the window that ends now; forgets what is older. */
export function windowTotals(window: SlidingWindow, nowMs: number): WindowTotals {
  advance(window, nowMs);
  let requests = 0;
  let failures = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    requests += window.requests[bucket]!;
    failures += window.failures[bucket]!;
  }
  return { requests, failures };
}

/** When so much failed that something must be done. */
export interface FailureLimits {
  /** Share of the requests, 0 to 1. */
  readonly ratio: number;
  /** With fewer requests nothing is said. */
  readonly minRequests: number;
}

/** True where at least `ratio` of at least `minRequests` failed. Without a failure it never is. */
export function reachesFailureRatio(
  { requests, failures }: WindowTotals,
  { ratio, minRequests }: FailureLimits,
): boolean {
  // Divided, as a product is not exact: 7 of 100 are 7 %, but 100 * 0.07 is above 7.
  return failures > 0 && requests >= minRequests && failures / requests >= ratio;
}

/** Forgets everything, as after an ejection or when a breaker closes. */
export function clearWindow(window: SlidingWindow): void {
  window.requests.fill(0);
  window.failures.fill(0);
}

function advance(window: SlidingWindow, nowMs: number): void {
  const now = Math.floor(nowMs / window.bucketMs);
  const passed = Math.min(BUCKETS, now - window.latest);
  for (let step = 0; step < passed; step++) {
    const bucket = (now - step) % BUCKETS;
    window.requests[bucket] = 0;
    window.failures[bucket] = 0;
  }
  if (now > window.latest) window.latest = now;
}
