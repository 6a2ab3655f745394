/**
 * How many retries a group may make, so that retrying can't multiply an overload.
 *
 * The caller chooses what it counts: what is in flight at the moment (Envoy's way, strict when
 * everything begins to fail), or what a window of past seconds saw (Finagle's way, which lets the
 * burst through when one of many endpoints dies). Both counts must be of the same kind.
 */

/** What was counted, and the budget. */
export interface RetryDemand {
  /** Requests that the budget is a share of. */
  readonly requests: number;
  /** Retries charged to it so far, without the one asked for. */
  readonly retries: number;
  /** Share of `requests` that may be retries. */
  readonly percent: number;
  /** Allowed whatever the share says; 0 with `percent` 0 forbids retries. */
  readonly min: number;
}

/** True where one more retry stays within the budget. */
export function mayRetry({ requests, retries, percent, min }: RetryDemand): boolean {
  return retries < Math.max(min, Math.floor((requests * percent) / 100));
}
