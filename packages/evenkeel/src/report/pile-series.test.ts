import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Series } from "./page.ts";
import { pileSeries } from "./pile-series.ts";

const series = (
  values: Series["values"],
  style: Series["style"] = "stacked",
  axis: Series["axis"] = "left",
): Series => ({ label: "", values, style, axis });

test("each stands on those before it, per axis, and others stay as they are", () => {
  const piled = pileSeries([
    series([1, 2, 3]),
    series([7, 7, 7], "line"),
    series([10, 10, 10], "stacked", "right"),
    series([1, 0, 5]),
    series([2, 2, 2], "stacked", "right"),
    series([9, 9, 9], "bars"),
  ]);
  assert.deepEqual(piled, [
    [1, 2, 3],
    [7, 7, 7],
    [10, 10, 10],
    [2, 2, 8],
    [12, 12, 12],
    [9, 9, 9],
  ]);
});

test("a gap has no bar and adds nothing", () => {
  const piled = pileSeries([
    series([undefined, 2, NaN]),
    series([3, undefined, 4]),
    series([1, 1, 1]),
  ]);
  assert.deepEqual(piled, [
    [undefined, 2, undefined],
    [3, undefined, 4],
    [4, 3, 5],
  ]);
});

test("the last top is the sum of all", () => {
  const rows = fc.array(fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }), { minLength: 1 });
  fc.assert(
    fc.property(rows, (all) => {
      const sums = all[0]!.map((_, at) => all.reduce((sum, row) => sum + row[at]!, 0));
      assert.deepEqual(pileSeries(all.map((row) => series(row))).at(-1), sums);
    }),
  );
});
