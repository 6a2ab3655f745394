/** What the coordinator and its threads say to each other. All times are milliseconds of the clock
 * of `createMonotonicClock`. */
import type { FailureCounts } from "./failure-kind.ts";
import type { LoadRequest } from "./load-request.ts";
import type { PackedHistogram } from "./latency-histogram.ts";

/** What a thread is born with. */
export interface ThreadSettings {
  readonly request: LoadRequest;
  readonly thread: number;
  readonly threads: number;
  /** Polls without ever sleeping while requests are due. */
  readonly polling: boolean;
}

/** One step, for one thread. */
export type StepOrder = OpenStepOrder | ClosedStepOrder;

interface StepTimes {
  /** Load starts; what is due until `windowStartMs` is warm-up. */
  readonly startMs: number;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
}

export interface OpenStepOrder extends StepTimes {
  readonly mode: "open";
  /** Of all threads together. */
  readonly ratePerSecond: number;
  /** Of this thread. */
  readonly maxConnections: number;
  /** How many requests of this thread may wait for a connection. */
  readonly maxQueue: number;
}

export interface ClosedStepOrder extends StepTimes {
  readonly mode: "closed";
  /** Of this thread; opened before, by an order of their own. */
  readonly connections: number;
}

export type ToThread =
  /** Have so many connections open; answered by `opened`. */
  | { readonly kind: "open"; readonly connections: number }
  | { readonly kind: "run"; readonly order: StepOrder }
  /** End the step that runs; what is out gets until `graceMs` later. */
  | { readonly kind: "cut"; readonly atMs: number; readonly graceMs: number }
  | { readonly kind: "close" };

export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "opened"; readonly open: number; readonly problem: string }
  | { readonly kind: "interval"; readonly interval: IntervalReport }
  | { readonly kind: "done"; readonly report: StepReport };

/** About a second of a step. */
export interface IntervalReport {
  /** Its end. */
  readonly atMs: number;
  readonly latency: PackedHistogram;
  readonly failures: number;
}

/** A step as one thread saw it. */
export interface StepReport {
  /** Settled requests that count. */
  readonly requests: number;
  /** Those with a whole answer, whatever its status. */
  readonly answered: number;
  /** Whole answers that came within the window, whenever they were asked for. */
  readonly answeredInWindow: number;
  /** Requests that waited for a connection to be free. */
  readonly waitedForConnection: number;
  readonly bytes: number;
  readonly failures: FailureCounts;
  /** "kind: reason" and how often. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly statuses: readonly (readonly [status: number, count: number])[];
  readonly latency: PackedHistogram;
  /** How late requests went out although a connection was free. */
  readonly lag: PackedHistogram;
  /** Most connections open at once. */
  readonly openConnections: number;
  readonly health: ThreadHealth;
}

/** How the generator itself did, within the window. */
export interface ThreadHealth {
  /** Share of the time for which the thread used a processor, 0 to 1. */
  readonly cpu: number;
  /** Share of the time for which it was ready to run, but others had the processors. */
  readonly cpuWait: number;
  /** Share of the time for which it had something to do; polling does not count. */
  readonly busy: number;
  /** How late the event loop ran its timers. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
}
