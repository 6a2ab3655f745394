import { test } from "node:test";
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { markLanes } from "./mark-lanes.ts";

test("labels that have room share the first lane", () => {
  assert.deepEqual(markLanes([10, 100], [50, 50], 300), [
    { left: 14, lane: 0 },
    { left: 104, lane: 0 },
  ]);
});

test("labels that would touch go below each other", () => {
  const lanes = markLanes([10, 12, 14, 80], [50, 50, 50, 50], 300).map(({ lane }) => lane);
  assert.deepEqual(lanes, [0, 1, 2, 0]);
});

test("a label at the right edge stands left of its mark", () => {
  assert.deepEqual(markLanes([290], [50], 300), [{ left: 236, lane: 0 }]);
});

test("no two labels of a lane touch, and none leaves a chart that has room for it", () => {
  const marks = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 5, max: 100 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(marks, (some) => {
      const sorted = some.toSorted(([one], [other]) => one - other);
      const widths = sorted.map(([, width]) => width);
      const placed = markLanes(
        sorted.map(([at]) => at),
        widths,
        500,
      );
      placed.forEach(({ left, lane }, index) => {
        assert.ok(left >= 0 && left + widths[index]! <= 500);
        placed.slice(0, index).forEach((other, before) => {
          if (other.lane !== lane) return;
          const apart = other.left + widths[before]! < left || left + widths[index]! < other.left;
          assert.ok(apart, `${JSON.stringify(other)} and ${left} in lane ${lane}`);
        });
      });
    }),
  );
});

test("works from its text alone, as in a page", () => {
  const placed = runInNewContext(`(${markLanes.toString()})([1, 2], [9, 9], 99)`) as unknown;
  assert.equal(JSON.stringify(placed), JSON.stringify(markLanes([1, 2], [9, 9], 99)));
});
