import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { editDistance, nearest } from "./edit-distance.ts";

describe("editDistance", () => {
  const cases = [
    ["upstrem", "upstream", 1],
    ["kitten", "sitting", 3],
    ["hsot", "host", 1],
    ["", "abc", 3],
    ["same", "same", 0],
  ] as const;
  for (const [from, to, distance] of cases) {
    test(`${from} to ${to} is ${distance}`, () =>
      assert.equal(editDistance(from, to, 9), distance));
  }

  test("above the limit it only says so", () =>
    assert.equal(editDistance("aaaaaaaa", "bbbbbbbb", 2), 3));

  test("is the same both ways, and 0 only for equal words", () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (one, other) => {
        const there = editDistance(one, other, 99);
        assert.equal(editDistance(other, one, 99), there);
        assert.equal(there === 0, one === other);
      }),
    ));
});

describe("nearest", () => {
  const keys = ["upstream", "host", "health_check", "timeout", "timeouts", "path"];
  const cases = [
    ["upstrem", "upstream"],
    ["Host", "host"],
    ["health-check", "health_check"],
    ["health", "health_check"],
    ["timeouts", "timeouts"],
    ["pth", "path"],
    ["zebra", undefined],
    ["x", undefined],
  ] as const;
  for (const [word, expected] of cases) {
    test(`${word} means ${expected ?? "nothing"}`, () =>
      assert.equal(nearest(word, keys), expected));
  }
});
