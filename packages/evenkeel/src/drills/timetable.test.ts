import assert from "node:assert/strict";
import { test } from "node:test";
import type { DrillSettings } from "../snapshot/drill-settings.ts";
import { createTimetable, MOST_LATE_MS } from "./timetable.ts";

const HOUR_MS = 3_600_000;

function hourly(name: string, cron = "0 * * * *"): DrillSettings {
  return {
    name,
    schedule: { cron, timezone: "UTC" },
    steadyState: [],
    faults: [],
    abortIf: [],
    maxDurationMs: 1,
    expect: {
      detectedWithinMs: undefined,
      recoveredWithinMs: undefined,
      errorRatio: undefined,
      plan: undefined,
    },
    report: [],
  };
}

test("each is due once, at its time", () => {
  const table = createTimetable();
  table.apply([hourly("a"), { ...hourly("b"), schedule: undefined }], 0);
  assert.deepEqual(table.take(HOUR_MS - 1), []);
  assert.deepEqual(table.take(HOUR_MS), [{ name: "a", isTooLate: false }]);
  assert.deepEqual(table.take(HOUR_MS + 1), []);
  assert.equal(table.nextDueMs("a"), 2 * HOUR_MS);
  assert.equal(table.nextDueMs("b"), undefined);
});

test("a reload between the time and the look loses no drill", () => {
  const table = createTimetable();
  table.apply([hourly("a")], 0);
  table.apply([hourly("a")], HOUR_MS + 100);
  assert.deepEqual(table.take(HOUR_MS + 200), [{ name: "a", isTooLate: false }]);
});

test("another schedule counts from now on, and a drill that is gone is never due", () => {
  const table = createTimetable();
  table.apply([hourly("a"), hourly("b")], 0);
  table.apply([hourly("a", "30 * * * *")], HOUR_MS + 100);
  assert.deepEqual(table.take(HOUR_MS + 200), []);
  assert.equal(table.nextDueMs("a"), 1.5 * HOUR_MS);
  assert.equal(table.nextDueMs("b"), undefined);
});

test("after a sleep or a leap of the clock it says that the hour has passed", () => {
  const table = createTimetable();
  table.apply([hourly("a")], 0);
  assert.deepEqual(table.take(HOUR_MS + MOST_LATE_MS), [{ name: "a", isTooLate: false }]);
  assert.deepEqual(table.take(5 * HOUR_MS + MOST_LATE_MS + 1), [{ name: "a", isTooLate: true }]);
  assert.equal(table.nextDueMs("a"), 6 * HOUR_MS);
});
