/**
 * How many retries a group may have in flight, so that retrying can't multiply an overload.
 *
 * Counted at the moment of decision: a budget of past seconds would let a burst through exactly when
 * everything begins to fail (after Envoy's retry budget).
 */

/** The group's numbers at the moment of decision, over all threads, and its budget. */
export interface RetryDemand {
  /** Requests in flight, retries among them. */
  readonly active: number;
  /** Requests that wait for an endpoint. */
  readonly pending: number;
  /** Retries in flight, without the one asked for. */
  readonly retrying: number;
  /** Share of active and pending requests that may be retries. */
  readonly percent: number;
  /** Allowed whatever the share says; 0 with `percent` 0 forbids retries. */
  readonly min: number;
}

/** True where one more retry stays within the budget. */
export function mayRetry({ active, pending, retrying, percent, min }: RetryDemand): boolean {
  const allowed = Math.floor(((active + pending) * percent) / 100);
  return retrying < Math.max(min, allowed);
}
