import { test } from "node:test";
import assert from "node:assert/strict";
import { bucketCount, bucketOf } from "../board/histogram.ts";
import { createWindow, type RowReader } from "./window.ts";

/** Counters that a test turns by hand. */
function fakeRow(): RowReader & { add(count: number, us: number, failed?: number): void } {
  let requests = 0;
  let failures = 0;
  const latency = new Float64Array(bucketCount);
  return {
    requests: () => requests,
    failures: () => failures,
    latency: (into) => into.set(latency),
    add(count, us, failed = 0) {
      requests += count;
      failures += failed;
      latency[bucketOf(us)] = latency[bucketOf(us)]! + count;
    },
  };
}

test("rate, errors and percentiles of the last seconds", () => {
  const window = createWindow(1000, 61, 0);
  const row = fakeRow();
  const rows = new Map([["api", row]]);
  window.sample(0, rows);
  for (let second = 1; second <= 20; second++) {
    row.add(100, second <= 10 ? 50_000 : 1000, second <= 10 ? 50 : 0);
    window.sample(second * 1000, rows);
  }
  const recent = window.read("api", 5000, 20_000);
  assert.equal(recent.failures, 0);
  assert.ok(Math.abs(recent.rate - 100) < 25, `rate ${recent.rate}`);
  assert.ok(recent.p99Us! < 1200 && recent.p99Us! > 850, `p99 ${recent.p99Us}`);
  const long = window.read("api", 60_000, 20_000);
  assert.equal(long.requests, 2000);
  assert.equal(long.errorRatio, 0.25);
  assert.equal(long.rate, 100);
  assert.ok(long.p99Us! > 40_000);
});

test("what lies further back than the window is forgotten", () => {
  const window = createWindow(1000, 10, 0);
  const row = fakeRow();
  const rows = new Map([["api", row]]);
  window.sample(0, rows);
  row.add(10, 5, 10);
  window.sample(1000, rows);
  assert.equal(window.read("api", 10_000, 1000).requests, 10);
  window.sample(60_000, rows);
  const later = window.read("api", 10_000, 60_000);
  assert.equal(later.requests, 0);
  assert.equal(later.p50Us, undefined);
});

test("counters found at the first sight are the past, not a burst", () => {
  const window = createWindow(1000, 10, 0);
  const row = fakeRow();
  row.add(5000, 10);
  const rows = new Map([["api", row]]);
  window.sample(500, rows);
  assert.equal(window.read("api", 5000, 500).requests, 0);
  row.add(1, 10);
  window.sample(1500, rows);
  assert.equal(window.read("api", 5000, 1500).requests, 1);
});

test("a counter that shrank started anew", () => {
  const window = createWindow(1000, 10, 0);
  const before = fakeRow();
  before.add(100, 10);
  window.sample(0, new Map([["api", before]]));
  const after = fakeRow();
  after.add(3, 10);
  window.sample(1000, new Map([["api", after]]));
  assert.equal(window.read("api", 5000, 1000).requests, 3);
});

test("an unknown or dropped row is idle", () => {
  const window = createWindow(1000, 10, 0);
  const row = fakeRow();
  window.sample(0, new Map([["api", row]]));
  row.add(1, 1);
  window.sample(1000, new Map([["api", row]]));
  window.sample(2000, new Map());
  assert.equal(window.read("api", 5000, 2000).requests, 0);
  assert.equal(window.read("other", 5000, 2000).rate, 0);
});
