/** A step as all threads together measured it. */
import { failureKinds, type FailureCounts, noFailures } from "./failure-kind.ts";
import { addPacked, createLatencyHistogram, type LatencyHistogram } from "./latency-histogram.ts";
import type { IntervalReport, StepReport, ThreadHealth } from "./thread-messages.ts";

/** About one second of a step, seen from when the answers came. */
export interface Interval {
  /** Whole seconds since the window's start at its end; 0 and below is warm-up. */
  readonly second: number;
  readonly latency: LatencyHistogram;
  readonly failures: number;
}

export interface StepMeasurement {
  /** When the window began, by the clock of `createMonotonicClock`. */
  readonly windowStartMs: number;
  /** How long the window was: shorter than asked for where the step was cut short. */
  readonly windowMs: number;
  readonly cutShort: boolean;
  /** Settled requests that count. */
  readonly requests: number;
  readonly answered: number;
  readonly answeredInWindow: number;
  readonly waitedForConnection: number;
  readonly bytes: number;
  readonly failures: FailureCounts;
  /** What exactly failed and how often; the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly statuses: readonly (readonly [status: number, count: number])[];
  readonly latency: LatencyHistogram;
  readonly lag: LatencyHistogram;
  readonly openConnections: number;
  readonly timeline: readonly Interval[];
  readonly threads: readonly ThreadHealth[];
}

export interface MeasuredWindow {
  readonly windowStartMs: number;
  readonly windowMs: number;
  readonly cutShort: boolean;
}

/** Adds the threads' reports up. */
export function mergeReports(
  window: MeasuredWindow,
  reports: readonly StepReport[],
  timeline: readonly Interval[],
): StepMeasurement {
  const latency = createLatencyHistogram();
  const lag = createLatencyHistogram();
  const failures = noFailures();
  for (const report of reports) {
    addPacked(latency, report.latency);
    addPacked(lag, report.lag);
    for (const kind of failureKinds) failures[kind] += report.failures[kind];
  }
  const sum = (value: (report: StepReport) => number): number =>
    reports.reduce((total, report) => total + value(report), 0);
  return {
    ...window,
    requests: sum(({ requests }) => requests),
    answered: sum(({ answered }) => answered),
    answeredInWindow: sum(({ answeredInWindow }) => answeredInWindow),
    waitedForConnection: sum(({ waitedForConnection }) => waitedForConnection),
    bytes: sum(({ bytes }) => bytes),
    failures,
    reasons: addCounts(reports.flatMap(({ reasons }) => reasons)).sort(([, a], [, b]) => b - a),
    statuses: addCounts(reports.flatMap(({ statuses }) => statuses)).sort(([a], [b]) => a - b),
    latency,
    lag,
    openConnections: sum(({ openConnections }) => openConnections),
    timeline,
    threads: reports.map(({ health }) => health),
  };
}

function addCounts<Key>(pairs: readonly (readonly [Key, number])[]): [Key, number][] {
  const sums = new Map<Key, number>();
  for (const [key, count] of pairs) sums.set(key, (sums.get(key) ?? 0) + count);
  return [...sums];
}

/** Puts the threads' intervals together second by second. */
export class Timeline {
  readonly #windowStartMs: number;
  readonly #seconds = new Map<number, { latency: LatencyHistogram; failures: number }>();

  constructor(windowStartMs: number) {
    this.#windowStartMs = windowStartMs;
  }

  /** Adds an interval and returns its second as it stands. */
  add(report: IntervalReport): Interval {
    const second = Math.round((report.atMs - this.#windowStartMs) / 1_000);
    let entry = this.#seconds.get(second);
    if (!entry) {
      entry = { latency: createLatencyHistogram(), failures: 0 };
      this.#seconds.set(second, entry);
    }
    addPacked(entry.latency, report.latency);
    entry.failures += report.failures;
    return { second, ...entry };
  }

  /** In order; without the warm-up. */
  intervals(): Interval[] {
    return [...this.#seconds]
      .map(([second, entry]) => ({ second, ...entry }))
      .filter(({ second, latency, failures }) => second > 0 && latency.totalCount + failures > 0)
      .sort((a, b) => a.second - b.second);
  }
}
