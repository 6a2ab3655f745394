/**
 * `max_fails` and `fail_timeout` as nginx means them, over columns that threads may share.
 *
 * Time goes in whole seconds. `fail_timeout` is both the time in which failures add up and the time
 * out: an endpoint with too many failures is held back until more than that has passed since it was
 * last checked; then the next pick marks it checked again, so that one request probes it while the
 * others still pass it by. A success after that clears the count. Failures older than the time-out
 * are forgiven the same way: the pick after it, if it succeeds, starts the count anew.
 *
 * A lone endpoint is never held back: whoever picks does not ask `isHeldBack` where the group has
 * one endpoint only. Source: nginx, ngx_http_upstream_round_robin.c.
 */

const MS_PER_S = 1000;

/** The columns, indexed by slot; zero at first. Times are whole seconds of the caller's clock, which
 * must be one for all threads and far from zero, as seconds since the epoch are. */
export interface FailureColumns {
  readonly fails: Int32Array;
  /** When an attempt last failed. */
  readonly accessedS: Float64Array;
  /** When it was last failed or sent a request that counts as a check. */
  readonly checkedS: Float64Array;
}

/** True while a slot must be passed by. `maxFails` 0 turns accounting off. */
export function isHeldBack(
  columns: FailureColumns,
  slot: number,
  maxFails: number,
  failTimeoutMs: number,
  nowMs: number,
): boolean {
  if (maxFails <= 0 || columns.fails[slot]! < maxFails) return false;
  return secondsSinceCheck(columns, slot, nowMs) * MS_PER_S <= failTimeoutMs;
}

/** To be called with every pick of the slot, before another thread can pick (under the group's
 * lock): marks it checked where the time-out is over, which is what lets one probe through. */
export function notePick(
  columns: FailureColumns,
  slot: number,
  failTimeoutMs: number,
  nowMs: number,
): void {
  if (secondsSinceCheck(columns, slot, nowMs) * MS_PER_S <= failTimeoutMs) return;
  columns.checkedS[slot] = wholeSeconds(nowMs);
}

/** Counts a failed attempt; true where with it the slot reached `maxFails` and is held back from now
 * on. Whoever balances by weights calls `penalize` too. */
export function noteFailure(
  columns: FailureColumns,
  slot: number,
  maxFails: number,
  nowMs: number,
): boolean {
  const before = Atomics.add(columns.fails, slot, 1);
  const nowS = wholeSeconds(nowMs);
  columns.accessedS[slot] = nowS;
  columns.checkedS[slot] = nowS;
  return maxFails > 0 && before + 1 >= maxFails;
}

/** An attempt succeeded: clears the count if the slot was checked after it last failed. */
export function noteSuccess(columns: FailureColumns, slot: number): void {
  if (columns.fails[slot] === 0) return;
  if (columns.accessedS[slot]! < columns.checkedS[slot]!) Atomics.store(columns.fails, slot, 0);
}

function secondsSinceCheck(columns: FailureColumns, slot: number, nowMs: number): number {
  return wholeSeconds(nowMs) - columns.checkedS[slot]!;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / MS_PER_S);
}
