/** A clock read once per event instead of once per use: a request asks for the time a dozen times. */

/** The time as of the last `tick`. */
export interface Clock {
  /** Milliseconds of the thread's monotonic clock, with fractions. */
  nowMs: number;
  /** Reads the clock. Everything that is called by the event loop does so first. */
  tick(): void;
}

/** A clock over `performance.now`, read once already. */
export function createClock(read: () => number = () => performance.now()): Clock {
  const clock: Clock = {
    nowMs: read(),
    tick() {
      clock.nowMs = read();
    },
  };
  return clock;
}
