import { test } from "node:test";
import assert from "node:assert/strict";
import { createStuckWatch } from "./stuck-watch.ts";

test("only who was silent for too long is stuck", () => {
  const watch = createStuckWatch(10_000);
  for (let now = 0; now <= 10_000; now += 1000) {
    assert.deepEqual(watch.check(now, [now, 0, undefined]), [], String(now));
  }
  assert.deepEqual(watch.check(10_001, [10_000, 0, undefined]), [1]);
});

test("after a pause of the machine everybody has the full time again", () => {
  const watch = createStuckWatch(10_000);
  watch.check(0, [0]);
  assert.deepEqual(watch.check(600_000, [0]), []);
  for (let now = 601_000; now <= 610_000; now += 1000) assert.deepEqual(watch.check(now, [0]), []);
  assert.deepEqual(watch.check(610_500, [0]), [0]);
});

test("a clock set back ejects nobody", () => {
  const watch = createStuckWatch(10_000);
  watch.check(100_000, [100_000]);
  assert.deepEqual(watch.check(1000, [100_000]), []);
});
