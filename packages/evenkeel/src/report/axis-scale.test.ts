import { describe, test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { placeValues, rangeOf, ticksOf } from "./axis-scale.ts";

describe("places on an axis", () => {
  const cases = [
    { scale: undefined, values: [0, -3, 2.5], at: [0, -3, 2.5] },
    {
      scale: "linear",
      values: [NaN, Infinity, undefined, 1],
      at: [undefined, undefined, undefined, 1],
    },
    { scale: "log", values: [1, 1000, 0.01, 0, -1], at: [0, 3, -2, undefined, undefined] },
    { scale: "percentile", values: [0, 90, 99, 99.9, 99.999], at: [0, 1, 2, 3, 5] },
    { scale: "percentile", values: [90, 99.9, 100], at: [1, 3, 3.7] },
    { scale: "percentile", values: [100], at: [0.7] },
    { scale: "percentile", values: [-1, 101, undefined], at: [undefined, undefined, undefined] },
  ] as const;
  for (const { scale, values, at } of cases) {
    test(`${scale ?? "none named"}: ${values.join(" ")}`, () => {
      assert.deepEqual(placeValues(scale, values), at);
    });
  }

  test("percentiles keep their order", () => {
    const percents = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(percents, (values) => {
        const at = placeValues(
          "percentile",
          values.toSorted((a, b) => a - b),
        );
        assert.deepEqual(
          at,
          at.toSorted((a, b) => a! - b!),
        );
        assert.ok(at.every(Number.isFinite));
      }),
    );
  });
});

describe("ranges", () => {
  const cases = [
    { name: "nothing", scale: "linear", at: [], fromZero: true, range: [0, 1] },
    { name: "only gaps", scale: "log", at: [undefined], fromZero: true, range: [0, 1] },
    { name: "all zero", scale: "linear", at: [0, 0], fromZero: true, range: [0, 1] },
    {
      name: "values begin at zero",
      scale: "linear",
      at: [50, 100],
      fromZero: true,
      range: [0, 105],
    },
    {
      name: "values below zero",
      scale: "linear",
      at: [-100, 20],
      fromZero: true,
      range: [-105, 21],
    },
    { name: "moments as they are", scale: "linear", at: [5, 9], fromZero: false, range: [5, 9] },
    { name: "one moment", scale: "linear", at: [5], fromZero: false, range: [4.5, 5.5] },
    { name: "percentile", scale: "percentile", at: [1, 3], fromZero: true, range: [0, 3] },
    {
      name: "log ends at 1, 2 or 5",
      scale: "log",
      at: [0.5, 2.9],
      fromZero: true,
      range: [0.30103, 3],
    },
    { name: "log of one power", scale: "log", at: [1], fromZero: true, range: [0.69897, 1] },
    { name: "log along", scale: "log", at: [1, 2], fromZero: false, range: [1, 2] },
  ] as const;
  for (const { name, scale, at, fromZero, range } of cases) {
    test(name, () => {
      const rounded = rangeOf(scale, at, fromZero).map((end) => Number(end.toFixed(6)));
      assert.deepEqual(rounded, range);
    });
  }

  test("hold every position and are never empty", () => {
    const scales = fc.constantFrom("linear" as const, "log" as const, "percentile" as const);
    const positions = fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(scales, positions, fc.boolean(), (scale, at, fromZero) => {
        const [low, high] = rangeOf(scale, at, fromZero);
        assert.ok(low < high);
        assert.ok(at.every((position) => position >= low - 1e-6 && position <= high + 1e-6));
      }),
    );
  });
});

describe("ticks", () => {
  const labels = (...of: Parameters<typeof ticksOf>): string[] | undefined =>
    ticksOf(...of)?.map(([, label]) => label);

  test("a linear axis is divided when drawn", () => {
    assert.equal(labels("linear", [0, 10]), undefined);
    assert.equal(labels(undefined, [0, 10]), undefined);
  });

  test("percentiles are written by their nines", () => {
    assert.deepEqual(labels("percentile", [0, 4]), ["0", "90", "99", "99.9", "99.99"]);
    assert.deepEqual(labels("percentile", [1, 3.7], 3.7), ["100", "90", "99", "99.9"]);
  });

  test("two decades have their powers first, then 2 and 5", () => {
    assert.deepEqual(labels("log", [0, 1]), ["1", "10", "2", "5"]);
    assert.deepEqual(labels("log", [-3, -2]), ["0.001", "0.01", "0.002", "0.005"]);
  });

  test("more decades have powers only, many only some", () => {
    assert.deepEqual(labels("log", [0.3, 3]), ["10", "100", "1,000"]);
    assert.deepEqual(labels("log", [-4, 8]), [
      "1e-4",
      "0.01",
      "1",
      "100",
      "10,000",
      "1,000,000",
      "1e8",
    ]);
  });
});
