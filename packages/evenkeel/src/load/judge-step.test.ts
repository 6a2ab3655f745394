import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { noFailures } from "./failure-kind.ts";
import { judgeStep } from "./judge-step.ts";
import { createLatencyHistogram, recordMs } from "./latency-histogram.ts";
import { parseSlo } from "./slo.ts";
import type { StepMeasurement } from "./step-measurement.ts";
import { measurement } from "./testing/measurement.ts";

const parsed = parseSlo("p99<50ms,errors<1%");
const slo = parsed.ok ? parsed.slo : [];

function late(ms: number): Partial<StepMeasurement> {
  const lag = createLatencyHistogram();
  for (let count = 0; count < 100; count++) recordMs(lag, ms);
  return { lag };
}

const health = { cpu: 0.1, cpuWait: 0, busy: 0.1, loopDelayP99Ms: 0, loopDelayMaxMs: 0 };

describe("a step", () => {
  for (const [name, measured, verdict, reason] of [
    ["in order", measurement(10), "met", undefined],
    ["too slow", measurement(60), "missed", /p99 60/],
    ["behind its rate", measurement(10, { answeredInWindow: 980 }), "missed", /98% of the offered/],
    ["behind by a hair", measurement(10, { answeredInWindow: 990 }), "met", undefined],
    [
      "with errors",
      measurement(10, { failures: { ...noFailures(), reset: 11 } }),
      "missed",
      /errors 1.1%/,
    ],
    ["sent late", measurement(10, late(3)), "invalid", /sent late by itself: 3/],
    ["sent late, but not for what it measures", measurement(40, late(3)), "met", undefined],
    ["sent a little late", measurement(1, late(1.5)), "met", undefined],
    [
      "of a thread without room",
      measurement(60, { threads: [health, { ...health, cpu: 0.8, cpuWait: 0.18, busy: 0.98 }] }),
      "invalid",
      /thread 1 .* used 80% of a processor, and waited for one for 18%/,
    ],
    [
      "of a thread that others kept from running",
      measurement(60, { threads: [{ ...health, cpu: 0.1, cpuWait: 0.4, busy: 0.5 }] }),
      "invalid",
      /waited for a processor for 40% of the time/,
    ],
    [
      "read late",
      measurement(60, { threads: [{ ...health, loopDelayP99Ms: 20 }] }),
      "invalid",
      /read late/,
    ],
  ] as const) {
    test(`${name} is ${verdict}`, () => {
      const judged = judgeStep(measured, { ratePerSecond: 100, slo, polling: false });
      assert.equal(judged.verdict, verdict, judged.reasons.join("; "));
      if (reason) assert.match(judged.reasons.join("; "), reason);
      else assert.deepEqual(judged.reasons, []);
    });
  }

  for (const [name, change, verdict] of [
    ["use all of its processor", { cpu: 1, busy: 0.3 }, "met"],
    ["not be without spare time", { cpu: 1, busy: 0.97 }, "invalid"],
    ["not wait for its processor", { cpu: 0.8, cpuWait: 0.2, busy: 0.3 }, "invalid"],
  ] as const) {
    test(`that polls may ${name}`, () => {
      const measured = measurement(10, { threads: [{ ...health, ...change }] });
      const judged = judgeStep(measured, { ratePerSecond: 100, slo, polling: true });
      assert.equal(judged.verdict, verdict);
    });
  }

  test("of a closed loop has no rate to keep", () => {
    const measured = measurement(10, { answeredInWindow: 1 });
    const judged = judgeStep(measured, { ratePerSecond: undefined, slo, polling: false });
    assert.equal(judged.verdict, "met");
  });

  test("that is short may miss a few by chance", () => {
    const measured = measurement(10, { windowMs: 1_000, requests: 100, answeredInWindow: 95 });
    assert.equal(judgeStep(measured, { ratePerSecond: 100, slo, polling: false }).verdict, "met");
  });
});
