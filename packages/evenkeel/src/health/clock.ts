/** Time and timers as health asks for them, so that tests can hand in their own. */

/** Two readings of time: one for people, one for measuring. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. Shown and saved, never measured with. */
  nowMs(): number;
  /** Milliseconds that only ever go forward, from any start. */
  monotonicMs(): number;
}

/** A started timer, to be handed back to `Timers.clearTimeout`. */
export type TimerHandle = object | number;

/** The two calls health needs of the platform's timers. */
export interface Timers {
  setTimeout(run: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle | undefined): void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** The machine's own timers. */
export const systemTimers: Timers = {
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
