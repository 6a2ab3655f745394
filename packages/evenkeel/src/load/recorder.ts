/** What one thread counts in one step. */
import type { FailureCounts, FailureKind } from "./failure-kind.ts";
import { noFailures } from "./failure-kind.ts";
import {
  createLatencyHistogram,
  type LatencyHistogram,
  packHistogram,
  recordMs,
} from "./latency-histogram.ts";
import type { IntervalReport, StepReport } from "./thread-messages.ts";

/** The part of a step that counts; what is due before it is warm-up. */
export interface Window {
  readonly startMs: number;
  /** Moved forward where a step is cut short. */
  readonly endMs: number;
}

/** Reasons kept apart; further ones are counted as "other". */
const mostReasons = 20;
/** A request that waited longer than this for a connection is one that waited. */
const waitMs = 1;

/** Counts outcomes. A request counts where it was due (open loop) or sent (closed loop) within the
 * window; all answers count in the interval in which they come. */
export class Recorder {
  readonly latency: LatencyHistogram = createLatencyHistogram();
  readonly #lag: LatencyHistogram = createLatencyHistogram();
  readonly #interval: LatencyHistogram = createLatencyHistogram();
  readonly #statuses = new Uint32Array(600);
  readonly #failures: FailureCounts = noFailures();
  readonly #reasons = new Map<string, number>();
  readonly #expected: Uint8Array;
  #window: Window;
  #requests = 0;
  #answered = 0;
  #answeredInWindow = 0;
  #waited = 0;
  #bytes = 0;
  #intervalFailures = 0;

  constructor(window: Window, expected: Uint8Array) {
    this.#window = window;
    this.#expected = expected;
  }

  get window(): Window {
    return this.#window;
  }

  cut(endMs: number): void {
    this.#window = { ...this.#window, endMs: Math.min(this.#window.endMs, endMs) };
  }

  /** A request went out, so long after it was due; `lagMs` is the part of that for which a connection
   * was free: the generator's own. */
  sent(countsFromMs: number, delayMs: number, lagMs: number): void {
    if (!this.#counts(countsFromMs)) return;
    if (delayMs - lagMs > waitMs) this.#waited++;
    recordMs(this.#lag, lagMs);
  }

  /** A whole answer came. */
  answered(countsFromMs: number, nowMs: number, status: number): void {
    const latencyMs = nowMs - countsFromMs;
    const fine = this.#expected[status] === 1;
    if (nowMs >= this.#window.startMs && nowMs < this.#window.endMs) this.#answeredInWindow++;
    recordMs(this.#interval, latencyMs);
    if (!fine) this.#intervalFailures++;
    if (!this.#counts(countsFromMs)) return;
    this.#requests++;
    this.#answered++;
    this.#statuses[status]!++;
    recordMs(this.latency, latencyMs);
    if (!fine) this.#count("status", `answer ${status}`);
  }

  /** No whole answer came. A timeout counts with the time that was waited: leaving it out would
   * flatter. */
  failed(kind: FailureKind, reason: string, countsFromMs: number, nowMs: number): void {
    this.#intervalFailures++;
    if (kind === "timeout") recordMs(this.#interval, nowMs - countsFromMs);
    if (!this.#counts(countsFromMs)) return;
    this.#requests++;
    if (kind === "timeout") recordMs(this.latency, nowMs - countsFromMs);
    this.#count(kind, reason);
  }

  received(bytes: number): void {
    this.#bytes += bytes;
  }

  /** What came since the last call. */
  takeInterval(endMs: number): IntervalReport {
    const report = {
      atMs: endMs,
      latency: packHistogram(this.#interval),
      failures: this.#intervalFailures,
    };
    this.#interval.reset();
    this.#intervalFailures = 0;
    return report;
  }

  /** The sum of the step. */
  report(): Omit<StepReport, "health" | "openConnections"> {
    return {
      requests: this.#requests,
      answered: this.#answered,
      answeredInWindow: this.#answeredInWindow,
      waitedForConnection: this.#waited,
      bytes: this.#bytes,
      failures: { ...this.#failures },
      reasons: [...this.#reasons],
      statuses: [...this.#statuses.entries()].filter(([, count]) => count > 0),
      latency: packHistogram(this.latency),
      lag: packHistogram(this.#lag),
    };
  }

  #counts(atMs: number): boolean {
    return atMs >= this.#window.startMs && atMs < this.#window.endMs;
  }

  #count(kind: FailureKind, reason: string): void {
    this.#failures[kind]++;
    const text = `${kind}: ${reason}`;
    const known = this.#reasons.has(text) || this.#reasons.size < mostReasons;
    const key = known ? text : `${kind}: other`;
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
  }
}
