/**
 * When requests are due. Request k of all threads together is due at start + k/rate, whatever became
 * of the others; thread t of n has the requests t, t+n, t+2n, …
 *
 * Because a request is nothing but its number, those that wait for a connection are an interval of
 * numbers: a queue of any length takes no memory.
 */

export interface ScheduleOptions {
  /** When the first request of all is due, by the clock of `createMonotonicClock`. */
  readonly startMs: number;
  /** From there on no request is due any more. */
  readonly endMs: number;
  /** Of all threads together. */
  readonly ratePerSecond: number;
  readonly thread: number;
  readonly threads: number;
}

/** The requests of one thread, numbered from 0. */
export class Schedule {
  readonly #firstMs: number;
  readonly #gapMs: number;
  #total: number;

  constructor({ startMs, endMs, ratePerSecond, thread, threads }: ScheduleOptions) {
    this.#firstMs = startMs + (thread * 1_000) / ratePerSecond;
    this.#gapMs = (threads * 1_000) / ratePerSecond;
    this.#total = this.#countBefore(endMs);
  }

  /** How many there are. */
  get total(): number {
    return this.#total;
  }

  dueMs(index: number): number {
    return this.#firstMs + index * this.#gapMs;
  }

  /** How many have come due by then. */
  dueBy(nowMs: number): number {
    if (nowMs < this.#firstMs) return 0;
    return Math.min(this.#total, Math.floor((nowMs - this.#firstMs) / this.#gapMs) + 1);
  }

  /** Takes away what would be due from then on. */
  cut(endMs: number): void {
    this.#total = Math.min(this.#total, this.#countBefore(endMs));
  }

  #countBefore(endMs: number): number {
    // Half a microsecond of grace, so that 1,000 requests a second are 1,000 in a second.
    return Math.max(0, Math.ceil((endMs - this.#firstMs) / this.#gapMs - 0.0005 / this.#gapMs));
  }
}
