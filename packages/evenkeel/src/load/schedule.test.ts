import assert from "node:assert/strict";
import { test } from "node:test";

import { assert as assertProperty, integer, property } from "fast-check";

import { Schedule } from "./schedule.ts";

test("request k is due at start + k/rate", () => {
  const schedule = new Schedule({
    startMs: 1_000,
    endMs: 2_000,
    ratePerSecond: 10,
    thread: 0,
    threads: 1,
  });
  assert.equal(schedule.total, 10);
  assert.equal(schedule.dueMs(0), 1_000);
  assert.equal(schedule.dueMs(9), 1_900);
  assert.equal(schedule.dueBy(999), 0);
  assert.equal(schedule.dueBy(1_000), 1);
  assert.equal(schedule.dueBy(1_250), 3);
  assert.equal(schedule.dueBy(99_999), 10);
});

test("a cut takes away what is due later, and gives nothing back", () => {
  const times = { startMs: 0, endMs: 1_000, ratePerSecond: 10, thread: 0, threads: 1 };
  const schedule = new Schedule(times);
  schedule.cut(450);
  assert.equal(schedule.total, 5);
  schedule.cut(5_000);
  assert.equal(schedule.total, 5);
});

test("the threads' schedules together are one schedule", () => {
  assertProperty(
    property(
      integer({ min: 1, max: 8 }),
      integer({ min: 1, max: 5_000 }),
      integer({ min: 100, max: 3_000 }),
      (threads, ratePerSecond, holdMs) => {
        const times = { startMs: 500, endMs: 500 + holdMs, ratePerSecond };
        const parts = Array.from(
          { length: threads },
          (_, thread) => new Schedule({ ...times, thread, threads }),
        );
        const all = new Schedule({ ...times, thread: 0, threads: 1 });
        const due = parts
          .flatMap((part) => Array.from({ length: part.total }, (_, index) => part.dueMs(index)))
          .sort((a, b) => a - b);
        assert.equal(due.length, all.total);
        due.forEach((ms, index) => assert.ok(Math.abs(ms - all.dueMs(index)) < 0.001));
      },
    ),
  );
});
