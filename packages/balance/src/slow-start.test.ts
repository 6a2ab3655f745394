import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { rampFactor } from "./slow-start.ts";

describe("slow start", () => {
  const cases = [
    { elapsedMs: 0, factor: 0.1 },
    { elapsedMs: -50, factor: 0.1 },
    { elapsedMs: 5_000, factor: 0.55 },
    { elapsedMs: 9_999, factor: 0.99991 },
    { elapsedMs: 10_000, factor: 1 },
    { elapsedMs: 1e9, factor: 1 },
    { elapsedMs: 0, windowMs: 0, factor: 1 },
    { elapsedMs: 2_500, minPercent: 0, factor: 0.25 },
    { elapsedMs: 2_500, minPercent: 100, factor: 1 },
    { elapsedMs: 0, minPercent: 250, factor: 1 },
    { elapsedMs: 0, minPercent: -10, factor: 0 },
  ];
  for (const { elapsedMs, windowMs = 10_000, minPercent = 10, factor } of cases) {
    test(`${elapsedMs} of ${windowMs} ms from ${minPercent} % give ${factor}`, () => {
      assert.ok(Math.abs(rampFactor(elapsedMs, windowMs, minPercent) - factor) < 1e-9);
    });
  }
});
