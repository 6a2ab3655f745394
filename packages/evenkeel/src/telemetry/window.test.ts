import { test } from "node:test";
import assert from "node:assert/strict";
import { bucketCount, bucketOf } from "../board/histogram.ts";
import { createWindow, type RowReader } from "./window.ts";

interface FakeRow extends RowReader {
  begin(count: number): void;
  end(count: number, us: number, failed?: number): void;
  /** Both at once. */
  add(count: number, us: number, failed?: number): void;
}

/** Counters that a test turns by hand. */
function fakeRow(): FakeRow {
  let requests = 0;
  let failures = 0;
  let sumUs = 0;
  const latency = new Float64Array(bucketCount);
  const row: FakeRow = {
    requests: () => requests,
    failures: () => failures,
    latencySumUs: () => sumUs,
    latency: (into) => into.set(latency),
    begin: (count) => void (requests += count),
    end(count, us, failed = 0) {
      failures += failed;
      sumUs += count * us;
      latency[bucketOf(us)] = latency[bucketOf(us)]! + count;
    },
    add(count, us, failed) {
      row.begin(count);
      row.end(count, us, failed);
    },
  };
  return row;
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

test("what ends after it was counted shows as soon as it ended", () => {
  const window = createWindow(1000, 30, 0);
  const row = fakeRow();
  const rows = new Map([["api", row]]);
  window.sample(0, rows);
  row.begin(2);
  window.sample(1000, rows);
  const begun = window.read("api", 5000, 1000);
  assert.deepEqual([begun.requests, begun.ended, begun.p50Us], [2, 0, undefined]);
  row.end(1, 2_500_000);
  window.sample(3500, rows);
  const one = window.read("api", 5000, 3500);
  assert.deepEqual([one.requests, one.ended], [2, 1]);
  assert.ok(Math.abs(one.p99Us! - 2_500_000) < 300_000, `p99 ${one.p99Us}`);
  row.end(1, 19_000_000, 1);
  window.sample(20_000, rows);
  const other = window.read("api", 5000, 20_000);
  assert.deepEqual([other.requests, other.ended, other.failures], [0, 1, 1]);
  assert.deepEqual([other.rate, other.errorRatio], [0, 1]);
  assert.ok(other.p50Us! > 15_000_000);
  window.sample(21_000, rows);
  assert.equal(window.read("api", 5000, 21_000).ended, 1, "counted once");
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
