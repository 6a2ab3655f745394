import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { array, assert as assertProperty, double, integer, property } from "fast-check";

import { Histogram } from "./histogram.ts";

describe("histogram", () => {
  test("has no quantile while it is empty", () => {
    assert.ok(Number.isNaN(new Histogram().quantileUs(0.5)));
  });

  test("is exact below 128 us", () => {
    const histogram = new Histogram();
    for (let us = 0; us < 128; us++) histogram.record(us);
    assert.equal(histogram.quantileUs(0.5), 63);
    assert.equal(histogram.quantileUs(1), 127);
  });

  test("any quantile is at most 1/64 above the exact one and never below it", () => {
    const values = array(integer({ min: 0, max: 0x7fffffff }), { minLength: 1 });
    const shares = double({ min: 0.01, max: 1, noNaN: true });
    assertProperty(
      property(values, shares, (recorded, share) => {
        const histogram = new Histogram();
        for (const us of recorded) histogram.record(us);
        const sorted = recorded.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
        const told = histogram.quantileUs(share);
        assert.ok(told >= exact && told <= exact * (1 + 1 / 64) + 1, `${told} for ${exact}`);
      }),
    );
  });
});
