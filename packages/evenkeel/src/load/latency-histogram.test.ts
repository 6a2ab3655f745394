import assert from "node:assert/strict";
import { test } from "node:test";

import { array, assert as assertProperty, double, property } from "fast-check";

import {
  addPacked,
  createLatencyHistogram,
  decodeHistogram,
  encodeHistogram,
  packHistogram,
  percentileUs,
  recordMs,
} from "./latency-histogram.ts";

const latencies = array(double({ min: 0.001, max: 2_000_000, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
});

test("percentiles are right within 0.1 % and a microsecond", () => {
  assertProperty(
    property(latencies, double({ min: 1, max: 100, noNaN: true }), (ms, percentile) => {
      const histogram = createLatencyHistogram();
      for (const one of ms) recordMs(histogram, one);
      const sorted = ms.map((one) => Math.round(one * 1_000)).sort((a, b) => a - b);
      // The library rounds the rank to the nearest, so either neighbour is right.
      const rank = (percentile / 100) * sorted.length;
      const low = sorted[Math.max(0, Math.floor(rank) - 1)]!;
      const high = sorted[Math.min(sorted.length - 1, Math.ceil(rank))]!;
      const told = percentileUs(histogram, percentile);
      assert.ok(told >= low * 0.999 - 1 && told <= high * 1.001 + 1, `${told} for ${low}..${high}`);
    }),
  );
});

test("an empty one has zeros only", () => {
  const empty = createLatencyHistogram();
  assert.equal(percentileUs(empty, 99), 0);
  assert.deepEqual([...packHistogram(empty).counts], []);
});

test("values beyond both ends are kept at the ends", () => {
  const histogram = createLatencyHistogram();
  recordMs(histogram, -5);
  recordMs(histogram, 1e12);
  assert.equal(histogram.totalCount, 2);
  assert.equal(percentileUs(histogram, 100), 2 ** 31 - 1);
});

test("nothing is lost between threads and files", () => {
  assertProperty(
    property(latencies, latencies, (here, there) => {
      const both = createLatencyHistogram();
      const sum = createLatencyHistogram();
      for (const part of [here, there]) {
        const histogram = createLatencyHistogram();
        for (const ms of part) {
          recordMs(histogram, ms);
          recordMs(both, ms);
        }
        addPacked(sum, packHistogram(histogram));
      }
      const read = decodeHistogram(encodeHistogram(sum));
      for (const percentile of [1, 50, 99, 99.9, 100]) {
        assert.equal(percentileUs(sum, percentile), percentileUs(both, percentile));
      }
      assert.equal(read.totalCount, both.totalCount);
      // A file holds buckets, not the exact maximum.
      assert.equal(read.getValueAtPercentile(99), both.getValueAtPercentile(99));
    }),
    { numRuns: 30 },
  );
});

test("what is no histogram is refused", () => {
  assert.throws(() => decodeHistogram("aGVsbG8="));
});
