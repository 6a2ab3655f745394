/** Measurements as a step would have brought them. */
import { noFailures } from "../failure-kind.ts";
import { createLatencyHistogram, recordMs } from "../latency-histogram.ts";
import type { StepMeasurement } from "../step-measurement.ts";

/** A step of 10 s at 100/s with all answers after so many milliseconds; `change` replaces parts. */
export function measurement(
  latencyMs: number,
  change: Partial<StepMeasurement> = {},
): StepMeasurement {
  const latency = createLatencyHistogram();
  const requests = change.requests ?? 1_000;
  for (let count = 0; count < requests; count++) recordMs(latency, latencyMs);
  return {
    windowStartMs: 0,
    windowMs: 10_000,
    cutShort: false,
    requests,
    answered: requests,
    answeredInWindow: requests,
    waitedForConnection: 0,
    bytes: requests * 100,
    failures: noFailures(),
    reasons: [],
    statuses: [[200, requests]],
    latency,
    lag: createLatencyHistogram(),
    openConnections: 4,
    timeline: [{ second: 1, latency, failures: 0 }],
    threads: [{ cpu: 0.1, cpuWait: 0, busy: 0.1, loopDelayP99Ms: 0.1, loopDelayMaxMs: 1 }],
    ...change,
  };
}
