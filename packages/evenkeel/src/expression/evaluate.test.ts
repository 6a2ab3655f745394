import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { all, any, compare } from "./evaluate.ts";
import type { Comparator, Truth } from "./expression.ts";

describe("comparing", () => {
  const cases: [number | undefined, Comparator, number, Truth][] = [
    [2, ">", 1, "true"],
    [1, ">", 1, "false"],
    [1, ">=", 1, "true"],
    [0, "<", 1, "true"],
    [1, "<", 1, "false"],
    [1, "<=", 1, "true"],
    [1, "==", 1, "true"],
    [2, "==", 1, "false"],
    [2, "!=", 1, "true"],
    [1, "!=", 1, "false"],
    [undefined, ">", 1, "unknown"],
    [undefined, "!=", 1, "unknown"],
    [NaN, "!=", 1, "unknown"],
    [Infinity, ">", 1, "true"],
  ];
  for (const [value, comparator, bound, truth] of cases) {
    test(`${value} ${comparator} ${bound} is ${truth}`, () =>
      assert.equal(compare(value, comparator, bound), truth));
  }
});

describe("joining", () => {
  const [t, f, u] = ["true", "false", "unknown"] as const;
  const cases: [parts: Truth[], all: Truth, any: Truth][] = [
    [[], t, f],
    [[t, t], t, t],
    [[t, f], f, t],
    [[f, f], f, f],
    [[t, u], u, t],
    [[f, u], f, u],
    [[u, u], u, u],
    [[t, f, u], f, t],
  ];
  for (const [parts, and, or] of cases) {
    test(parts.join(" ") || "nothing", () => {
      assert.deepEqual([all(parts), any(parts)], [and, or]);
      assert.deepEqual([all(parts.toReversed()), any(parts.toReversed())], [and, or]);
    });
  }
});
