import assert from "node:assert/strict";
import { test } from "node:test";

import { type ColdQueue, coldDelayMs } from "./behaviour.ts";

const cold = { firstServiceMs: 40, overMs: 4_000 };

test("the first request of a cold instance takes the whole service time", () => {
  assert.equal(coldDelayMs(cold, { busyUntilMs: 0 }, 0), 40);
});

test("requests at once wait for each other", () => {
  const queue: ColdQueue = { busyUntilMs: 0 };
  const first = coldDelayMs(cold, queue, 0);
  const second = coldDelayMs(cold, queue, 0);
  assert.ok(second > first + 39, `${second}`);
});

test("the service time falls linearly", () => {
  assert.equal(coldDelayMs(cold, { busyUntilMs: 0 }, 2_000), 20);
  assert.equal(coldDelayMs(cold, { busyUntilMs: 0 }, 3_000), 10);
});

test("a warm instance takes no time, but works off its queue first", () => {
  assert.equal(coldDelayMs(cold, { busyUntilMs: 0 }, 4_000), 0);
  assert.equal(coldDelayMs(cold, { busyUntilMs: 4_500 }, 4_100), 400);
});
