import assert from "node:assert/strict";
import { test } from "node:test";
import { followTraffic, MOST_SAMPLES, type TrafficSample } from "./drill-traffic.ts";

const still: TrafficSample = {
  requests: 0,
  failed: 0,
  p50Ms: undefined,
  p99Ms: undefined,
  available: 1,
};

test("one sample a second, each with what came since the one before", () => {
  let now: TrafficSample = { ...still, requests: 100, failed: 1 };
  const traffic = followTraffic(() => now, 0, 60_000);
  now = { ...still, requests: 150, failed: 3 };
  traffic.look(999);
  assert.equal(traffic.samples.length, 0);
  traffic.look(1000);
  now = { ...still, requests: 160, failed: 3 };
  traffic.look(2000);
  assert.deepEqual(
    traffic.samples.map(({ atMs, requests, failed }) => [atMs, requests, failed]),
    [
      [1000, 50, 2],
      [2000, 10, 0],
    ],
  );
  assert.deepEqual(traffic.total(), { requests: 60, failed: 2 });
});

test("a drill of 24 days has no more samples than one of an hour", () => {
  const longestMs = 24 * 86_400_000;
  const traffic = followTraffic(() => still, 0, longestMs);
  for (let look = 1; look <= 3 * MOST_SAMPLES; look++) {
    traffic.look((look * longestMs) / (3 * MOST_SAMPLES));
  }
  assert.ok(traffic.samples.length <= MOST_SAMPLES);
  assert.ok(traffic.samples.length > MOST_SAMPLES / 2);
});

test("totals that shrink are no traffic", () => {
  let now: TrafficSample = { ...still, requests: 100 };
  const traffic = followTraffic(() => now, 0, 60_000);
  now = still;
  assert.deepEqual(traffic.total(), { requests: 0, failed: 0 });
});
