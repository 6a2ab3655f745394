/**
 * How an origin behaves: sound, or broken in one of the ways that instances break.
 */

/** What an origin does with requests. Plain data: it is sent to the origin's process. */
export interface Behaviour {
  /** Time an answer takes. */
  readonly delayMs: number;
  /** Share of the requests (0 to 1) that get a 503. */
  readonly errorShare: number;
  /** Takes requests and never answers. */
  readonly hangs: boolean;
  /** Resets the connection instead of answering: before the first byte, or after half the body. */
  readonly resets: "never" | "before_head" | "inside_body";
  /** Closes a connection at a random moment within this time after its last answer; 0 never. */
  readonly closeIdleWithinMs: number;
  /** Share of the requests (0 to 1) on a used connection that meet its end: the connection is closed
   * without a byte, as if both had crossed on the way. */
  readonly crossedShare: number;
  /** What its check says, whatever is true. */
  readonly check: "fine" | "bad";
  /** Warms up from this moment on; undefined is warm. */
  readonly cold: Cold | undefined;
}

/** A cold instance: it works on one request at a time, at first slowly, so that more traffic than it
 * can take makes a queue. */
export interface Cold {
  /** Time one request takes at the beginning. */
  readonly firstServiceMs: number;
  /** Time until it is warm; the service time falls linearly to nothing until then. */
  readonly overMs: number;
}

/** An instance as it should be: 2 ms for an answer. */
export const sound: Behaviour = {
  delayMs: 2,
  errorShare: 0,
  hangs: false,
  resets: "never",
  closeIdleWithinMs: 0,
  crossedShare: 0,
  check: "fine",
  cold: undefined,
};

/** The queue of a cold instance: when it will be free, in milliseconds since it began. */
export interface ColdQueue {
  busyUntilMs: number;
}

/** How long a request that arrives `nowMs` after the beginning waits and is worked on; the queue is
 * brought up to date. 0 once warm. */
export function coldDelayMs(cold: Cold, queue: ColdQueue, nowMs: number): number {
  if (nowMs >= cold.overMs && queue.busyUntilMs <= nowMs) return 0;
  const beginMs = Math.max(nowMs, queue.busyUntilMs);
  const left = Math.max(0, 1 - beginMs / cold.overMs);
  queue.busyUntilMs = beginMs + cold.firstServiceMs * left;
  return queue.busyUntilMs - nowMs;
}
