import assert from "node:assert/strict";
import { test } from "node:test";

import { recorded } from "./testing/recorded.ts";
import { cutTimeline } from "./timeline.ts";

test("requests are counted in the step in which they were due", () => {
  const record = recorded(30, 10, (dueMs) => {
    if (dueMs >= 100 && dueMs < 130) return { outcome: "failed", reason: "reset", latencyMs: 900 };
    if (dueMs === 200) return { outcome: "wrong", reason: "body" };
    return dueMs === 210 ? { latencyMs: 123.456 } : {};
  });
  assert.deepEqual(cutTimeline(record, 50), {
    stepMs: 100,
    ok: [10, 7, 8],
    slow: [0, 0, 1],
    failed: [0, 3, 0],
    wrong: [0, 0, 1],
    p50Ms: [2, 2, 2],
    worstMs: [2, 900, 123],
  });
});

test("an empty record has no steps", () => {
  assert.deepEqual(cutTimeline(recorded(0, 10), 50).ok, []);
});
