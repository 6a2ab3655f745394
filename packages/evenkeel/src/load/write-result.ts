/** From what was measured to what is kept. */
import { readVersion } from "../telemetry/version.ts";
import {
  type BenchResult,
  type BenchSettings,
  resultVersion,
  type StepResult,
} from "./bench-result.ts";
import { totalFailures } from "./failure-kind.ts";
import { encodeHistogram, percentileUs } from "./latency-histogram.ts";
import { describeMachine } from "./machine.ts";
import type { MeasuredStep, PlanOutcome } from "./run-plan.ts";
import type { Interval } from "./step-measurement.ts";

/** The result of one run. */
export function toResult(
  outcome: PlanOutcome,
  run: {
    readonly settings: BenchSettings;
    readonly startedAt: Date;
    readonly durationMs: number;
    readonly interrupted: boolean;
  },
): BenchResult {
  return {
    format: "evenkeel-bench",
    version: resultVersion,
    evenkeel: readVersion(),
    started_at: run.startedAt.toISOString(),
    duration_s: Math.round(run.durationMs) / 1_000,
    interrupted: run.interrupted,
    machine: describeMachine(),
    settings: run.settings,
    steps: outcome.steps.map(toStep),
    knee: outcome.knee,
  };
}

/** One step of it. */
export function toStep({ load, bisected, measurement, judgement }: MeasuredStep): StepResult {
  const { latency, lag, failures, requests, windowMs } = measurement;
  const total = totalFailures(failures);
  return {
    load,
    bisected,
    verdict: judgement.verdict,
    reasons: [...judgement.reasons],
    cut_short: measurement.cutShort,
    window_s: windowMs / 1_000,
    requests,
    answered: measurement.answered,
    achieved_per_s: round((measurement.answeredInWindow * 1_000) / windowMs, 2),
    errors: {
      ...failures,
      total,
      percent: requests === 0 ? 0 : round((total * 100) / requests, 4),
    },
    error_reasons: measurement.reasons.map(([reason, count]) => ({ reason, count })),
    statuses: Object.fromEntries(measurement.statuses.map(([key, count]) => [String(key), count])),
    received_bytes: measurement.bytes,
    latency_us: {
      p50: percentileUs(latency, 50),
      p90: percentileUs(latency, 90),
      p99: percentileUs(latency, 99),
      p99_9: percentileUs(latency, 99.9),
      max: latency.maxValue,
      mean: latency.totalCount === 0 ? 0 : round(latency.mean, 1),
    },
    histogram: encodeHistogram(latency),
    open_connections: measurement.openConnections,
    waited_for_connection: measurement.waitedForConnection,
    generator: {
      lag_p99_us: percentileUs(lag, 99),
      lag_max_us: lag.maxValue,
      threads: measurement.threads.map((thread) => ({
        cpu_percent: round(thread.cpu * 100, 1),
        cpu_wait_percent: round(thread.cpuWait * 100, 1),
        busy_percent: round(thread.busy * 100, 1),
        loop_delay_p99_ms: round(thread.loopDelayP99Ms, 3),
        loop_delay_max_ms: round(thread.loopDelayMaxMs, 3),
      })),
    },
    timeline: measurement.timeline.map(toTimelineEntry),
  };
}

function toTimelineEntry({ second, latency, failures }: Interval): StepResult["timeline"][number] {
  return {
    second,
    answered: latency.totalCount,
    failed: failures,
    p50_us: percentileUs(latency, 50),
    p99_us: percentileUs(latency, 99),
    max_us: latency.maxValue,
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
