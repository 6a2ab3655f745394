/** What is known of one receiver. */

/** Counts since the start, and how it does. */
export interface ReceiverTally {
  sent: number;
  retried: number;
  givenUp: number;
  /** The last try went wrong. */
  failing: boolean;
  /** It asked to be left alone until then. */
  pausedUntilMs: number;
}

/** Of a receiver nobody asked anything yet. */
export function createReceiverTally(): ReceiverTally {
  return { sent: 0, retried: 0, givenUp: 0, failing: false, pausedUntilMs: 0 };
}
