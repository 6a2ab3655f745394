import assert from "node:assert/strict";
import { test } from "node:test";

import { summarize } from "./summarize.ts";
import { recorded, type Request } from "./testing/recorded.ts";

const fault = { beginMs: 3_000, endMs: 8_000 };
const failed: Request = { outcome: "failed", reason: "status" };

/** 1,000 requests, one every 10 ms. */
function summary(change?: (dueMs: number) => Request, window = fault) {
  return summarize(recorded(1_000, 10, change), window);
}

test("a run in which all is well", () => {
  const { requests, failed, wrong, p50Ms, p99Ms, worstMs, detectMs, errorFreeMs, undetected } =
    summary();
  assert.deepEqual(
    { requests, failed, wrong, p50Ms, p99Ms, worstMs, detectMs, errorFreeMs, undetected },
    {
      requests: 1_000,
      failed: 0,
      wrong: 0,
      p50Ms: 2,
      p99Ms: 2,
      worstMs: 2,
      detectMs: 0,
      errorFreeMs: 0,
      undetected: false,
    },
  );
});

test("failures last until the last one was due; slow requests belong to detection only", () => {
  const found = summary((dueMs) => {
    if (dueMs >= 3_000 && dueMs <= 3_400) return failed;
    return dueMs > 3_400 && dueMs <= 4_000 ? { latencyMs: 300 } : {};
  });
  assert.equal(found.failed, 41);
  assert.equal(found.errorFreeMs, 400);
  assert.equal(found.detectMs, 1_000);
  assert.equal(found.undetected, false);
  assert.deepEqual(found.byReason, { status: 41 });
});

test("wrong answers count beside failed ones, and keep it from being error-free", () => {
  const found = summary((dueMs) => (dueMs === 3_500 ? { outcome: "wrong", reason: "body" } : {}));
  assert.equal(found.wrong, 1);
  assert.equal(found.failed, 0);
  assert.equal(found.errorFreeMs, 500);
});

test("bad requests until the end of the fault mean that it was not detected", () => {
  const until = (endMs: number) =>
    summary((dueMs) => (dueMs >= 3_000 && dueMs < endMs ? failed : {}));
  assert.equal(until(8_000).undetected, true);
  assert.equal(until(7_000).undetected, false);
});

test("a fault without an end lasts as long as the record", () => {
  const open = { beginMs: 3_000, endMs: undefined };
  const until = (endMs: number) =>
    summarize(
      recorded(1_000, 10, (dueMs) => (dueMs >= 3_000 && dueMs < endMs ? failed : {})),
      open,
    );
  assert.equal(until(10_000).undetected, true);
  assert.equal(until(9_000).undetected, false);
});

test("slow is measured by how it was before the fault, and never below 50 ms", () => {
  assert.equal(summary().slowMs, 50);
  assert.equal(summary((dueMs) => (dueMs < 3_000 ? { latencyMs: 20 } : {})).slowMs, 200);
});

test("what was slow or failed before the fault is no matter of detection", () => {
  const found = summary((dueMs) => (dueMs === 1_000 ? failed : {}));
  assert.equal(found.failed, 1);
  assert.equal(found.detectMs, 0);
});

test("quantiles are of nearest rank: ten of a thousand stay above the p99", () => {
  const withSlow = (count: number) =>
    summary((dueMs) => (dueMs < count * 10 ? { latencyMs: 500 } : {}));
  assert.equal(withSlow(10).p99Ms, 2);
  assert.equal(withSlow(11).p99Ms, 500);
  assert.equal(withSlow(1).worstMs, 500);
});

test("the client's own lateness is told apart", () => {
  const found = summary((dueMs) => (dueMs === 5_000 ? { lateMs: 30, latencyMs: 32 } : {}));
  assert.equal(found.lateWorstMs, 30);
  assert.equal(found.lateP99Ms, 0);
});
