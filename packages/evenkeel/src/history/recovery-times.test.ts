import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { spread } from "./recovery-times.ts";

describe("a spread", () => {
  const cases: readonly (readonly [number[], number, number, number])[] = [
    [[7], 7, 7, 7],
    [[1, 2], 1.5, 1.5, 2],
    [[3, 1, 2], 2, 2, 3],
    [[10, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5.5, 5.5, 9],
    [[0, 0, 0, 100], 25, 0, 100],
  ];
  for (const [values, mean, median, p90] of cases) {
    test(`of ${values.join(" ")}`, () => {
      assert.deepEqual(spread(values), { n: values.length, mean, median, p90 });
    });
  }

  test("the 90th percentile is a time that did occur, with at least 90 % at or below it", () => {
    const times = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(times, (values) => {
        const { p90 } = spread(values);
        assert.ok(values.includes(p90!));
        const below = values.filter((value) => value <= p90!).length;
        assert.ok(below >= values.length * 0.9);
      }),
    );
  });
});
