import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { median, pairedRatio, spread } from "./statistics.ts";

describe("statistics", () => {
  const medians: [name: string, values: number[], expected: number][] = [
    ["nothing", [], Number.NaN],
    ["one value", [4], 4],
    ["an odd number", [9, 1, 5], 5],
    ["an even number", [1, 9, 5, 7], 6],
  ];
  for (const [name, values, expected] of medians) {
    test(`median of ${name}`, () => assert.equal(median(values), expected));
  }

  test("spread is relative to the median", () => {
    assert.equal(spread([8, 10, 12]), 0.4);
    assert.equal(spread([8]), 0);
  });

  test("ratios are taken round by round, so that drift cancels out", () => {
    // Both twice as slow in the second round: the ratio of medians would be 1.5.
    assert.equal(pairedRatio([12, 24, 36], [10, 20, 30]), 1.2);
  });
});
