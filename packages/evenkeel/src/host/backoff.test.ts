import { test } from "node:test";
import assert from "node:assert/strict";
import { nextDelay } from "./backoff.ts";

const settings = { firstMs: 100, maxMs: 5000, stableMs: 5000 };

test("a thread that lived long is replaced at once", () => {
  assert.equal(nextDelay(settings, 5000, 5000), 0);
});

test("waits double up to the bound and start over after a stable life", () => {
  const waits: number[] = [];
  let wait = 0;
  for (let round = 0; round < 8; round++) waits.push((wait = nextDelay(settings, wait, 10)));
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  assert.equal(nextDelay(settings, nextDelay(settings, wait, 6000), 10), 100);
});
