/**
 * `max_fails` and `fail_timeout` as nginx means them, over columns that threads may share.
 *
 * Time goes in whole seconds (`nowS` is floored by the caller). `fail_timeout` is both the time in which failures add up and the time
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
  nowS: number,
): boolean {
  if (maxFails <= 0 || columns.fails[slot]! < maxFails) return false;
  return (nowS - columns.checkedS[slot]!) * MS_PER_S <= failTimeoutMs;
}

/** To be called with every pick of the slot, before another thread can pick (under the group's
 * lock): marks it checked where the time-out is over, which is what lets just one probe through. */
export function notePick(
  columns: FailureColumns,
  slot: number,
  failTimeoutMs: number,
  nowS: number,
): void {
  if ((nowS - columns.checkedS[slot]!) * MS_PER_S > failTimeoutMs) columns.checkedS[slot] = nowS;
}

/** Counts a failed attempt and returns the count, which from `maxFails` on holds the slot back.
 * Whoever balances by weights calls `penalize` too. */
export function noteFailure(columns: FailureColumns, slot: number, nowS: number): number {
  columns.accessedS[slot] = nowS;
  columns.checkedS[slot] = nowS;
  return Atomics.add(columns.fails, slot, 1) + 1;
}

/** An attempt succeeded: clears the count if the slot was checked after it last failed. */
export function noteSuccess(columns: FailureColumns, slot: number): void {
  if (columns.fails[slot] === 0) return;
  if (columns.accessedS[slot]! < columns.checkedS[slot]!) Atomics.store(columns.fails, slot, 0);
}
