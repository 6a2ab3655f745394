import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, GIVE_UP_AFTER_MS } from "./back-off.ts";

test("waits double up to a minute, half of each by chance", () => {
  assert.deepEqual(
    [1, 2, 3, 6, 7, 100].map((attempt) => backOff(attempt, 0, undefined)),
    [500, 1000, 2000, 16_000, 30_000, 30_000],
  );
  assert.equal(backOff(1, 0.999, undefined), 1000);
  assert.equal(backOff(100, 1, undefined), 60_000);
});

test("what a receiver asks for is kept, within reason", () => {
  assert.equal(backOff(1, 0, 30_000), 30_000);
  assert.equal(backOff(7, 0, 1000), 30_000);
  assert.equal(backOff(1, 0, 1e12), GIVE_UP_AFTER_MS);
});
