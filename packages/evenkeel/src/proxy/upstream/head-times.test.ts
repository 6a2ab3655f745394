import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { HeadTimes } from "./head-times.ts";

function record(times: HeadTimes, count: number, us: number): void {
  for (let n = 0; n < count; n++) times.record(us);
}

function near(value: number | undefined, expected: number): void {
  assert.ok(value !== undefined && Math.abs(value / expected - 1) <= 0.13, `${value}`);
}

describe("the percentile of heads' times", () => {
  test("is that of the answers, within a bucket's width", () => {
    const times = new HeadTimes();
    record(times, 90, 2_000);
    record(times, 10, 50_000);
    near(times.percentileMs(50), 2);
    near(times.percentileMs(95), 50);
  });

  test("is unknown with fewer than 20 answers", () => {
    const times = new HeadTimes();
    record(times, 19, 2_000);
    assert.equal(times.percentileMs(95), undefined);
    times.record(2_000);
    assert.equal(times.percentileMs(95), undefined, "asked once a sample only");
    times.sample();
    near(times.percentileMs(95), 2);
  });

  test("forgets what is ten seconds old, and nothing younger than five", () => {
    const times = new HeadTimes();
    record(times, 100, 80_000);
    for (let second = 1; second < 10; second++) {
      record(times, 10, 1_000);
      times.sample();
      if (second <= 5) near(times.percentileMs(99), 80);
    }
    times.sample();
    near(times.percentileMs(99), 1);
  });
});
