import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { StepLoad } from "./generator.ts";
import { type BenchPlan, type PlanOutcome, runPlan } from "./run-plan.ts";
import { parseSlo } from "./slo.ts";
import type { StepMeasurement } from "./step-measurement.ts";
import { measurement } from "./testing/measurement.ts";

const parsed = parseSlo("p99<50ms");
const usual: BenchPlan = {
  mode: "open",
  loads: [100, 200, 300, 400, 500, 600],
  warmUpMs: 1_000,
  settleMs: 200,
  holdMs: 10_000,
  maxConnections: 10,
  maxQueue: (load) => load * 10,
  slo: parsed.ok ? parsed.slo : [],
  beyond: 1,
  bisections: 0,
  polling: false,
};

interface Ran extends PlanOutcome {
  readonly orders: readonly StepLoad[];
}

/** A service that is fast up to a rate and slow above it; `answer` may replace what it measures. */
async function run(
  change: Partial<BenchPlan>,
  answer: (rate: number, attempt: number) => Partial<StepMeasurement> = () => ({}),
  interruptedAfter = Infinity,
): Promise<Ran> {
  const orders: StepLoad[] = [];
  const generator = {
    run: (order: StepLoad) => {
      orders.push(order);
      const rate = order.mode === "open" ? order.ratePerSecond : order.connections;
      const requests = rate * 10;
      const slow = rate > 345 ? 80 : 10;
      const change = answer(rate, orders.length);
      return Promise.resolve(measurement(slow, { requests, ...change }));
    },
  };
  const observer = { stepBegins: () => {}, progress: () => {}, stepEnds: () => {} };
  const interrupted = (): boolean => orders.length >= interruptedAfter;
  const outcome = await runPlan(generator, { ...usual, ...change }, observer, interrupted);
  return { ...outcome, orders };
}

const loads = ({ steps }: PlanOutcome): number[] => steps.map(({ load }) => load);
const late = { threads: [{ cpu: 1, cpuWait: 0, busy: 1, loopDelayP99Ms: 0, loopDelayMaxMs: 0 }] };

describe("a plan", () => {
  test("goes one step past the first that missed", async () => {
    const outcome = await run({});
    assert.deepEqual(loads(outcome), [100, 200, 300, 400, 500]);
    assert.deepEqual(outcome.knee, { kind: "found", load: 300, missed: 400 });
  });

  test("goes as far beyond as it is told", async () => {
    assert.deepEqual(loads(await run({ beyond: 0 })), [100, 200, 300, 400]);
    assert.deepEqual(loads(await run({ beyond: 9 })), usual.loads);
  });

  test("warms up in full before the first step only", async () => {
    const { orders } = await run({ loads: [100, 200] });
    assert.deepEqual(
      orders.map(({ warmUpMs }) => warmUpMs),
      [1_000, 200],
    );
  });

  test("halves the bracket around the knee", async () => {
    const outcome = await run({ beyond: 0, bisections: 3 });
    assert.deepEqual(loads(outcome), [100, 200, 300, 325, 338, 350, 400]);
    assert.deepEqual(
      outcome.steps.filter(({ bisected }) => bisected).map(({ load }) => load),
      [325, 338, 350],
    );
    assert.deepEqual(outcome.knee, { kind: "found", load: 338, missed: 350 });
  });

  test("repeats a step that the generator could not carry, once", async () => {
    const outcome = await run({ loads: [100, 200] }, (_, attempt) => (attempt === 1 ? late : {}));
    assert.deepEqual(loads(outcome), [100, 200]);
    assert.equal(outcome.orders.length, 3);
    assert.equal(outcome.knee.kind, "at-least");
  });

  test("ends where the generator can't keep up", async () => {
    const outcome = await run({}, (rate) => (rate > 100 ? late : {}));
    assert.deepEqual(loads(outcome), [100, 200]);
    assert.deepEqual(outcome.knee, { kind: "generator-limit", load: 100, invalid: 200 });
  });

  test("keeps what was measured when it is interrupted", async () => {
    const cut = { windowMs: 4_000, cutShort: true, requests: 800, answeredInWindow: 800 };
    const outcome = await run({}, (_, attempt) => (attempt === 2 ? cut : {}), 2);
    assert.deepEqual(loads(outcome), [100, 200]);
    assert.equal(outcome.steps[1]?.measurement.cutShort, true);
  });

  test("leaves out a step that was cut in its warm-up", async () => {
    const outcome = await run({}, (_, attempt) => (attempt === 2 ? { windowMs: 0 } : {}), 2);
    assert.deepEqual(loads(outcome), [100]);
  });

  test("bounds the queue by the rate, and takes connections in a closed loop", async () => {
    const open = (await run({ loads: [100] })).orders[0];
    assert.ok(open?.mode === "open" && open.maxQueue === 1_000 && open.maxConnections === 10);
    const closed = (await run({ mode: "closed", loads: [7] })).orders[0];
    assert.ok(closed?.mode === "closed" && closed.connections === 7);
  });
});
