import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { parseExpected, formatExpected, expectedTable } from "./expected-statuses.ts";
import { parseGrowth, planSteps } from "./step-plan.ts";

describe("steps", () => {
  for (const [from, to, growth, steps] of [
    [100, 500, "100", [100, 200, 300, 400, 500]],
    [100, 450, "200", [100, 300, 450]],
    [100, 5_000, "x4", [100, 400, 1_600, 5_000]],
    [7, 7, "1", [7]],
    [0.5, 2, "0.5", [0.5, 1, 1.5, 2]],
    [1, 4, "x1.5", [1, 2, 3, 4]],
  ] as const) {
    test(`${from} to ${to} by ${growth}`, () => {
      assert.deepEqual(planSteps(from, to, parseGrowth(growth)!), steps);
    });
  }

  test("are bounded, and must grow", () => {
    assert.equal(planSteps(1, 5_000, { kind: "add", by: 1 }), undefined);
    assert.equal(planSteps(1, 5, { kind: "multiply", by: 1.1 }), undefined);
    for (const text of ["", "0", "x1", "x0.5", "-5", "fast"]) {
      assert.equal(parseGrowth(text), undefined, text);
    }
  });
});

describe("expected statuses", () => {
  for (const [text, shown, fine, bad] of [
    ["2xx", "2xx", [200, 299], [300, 199]],
    ["200-399", "2xx,3xx", [200, 399], [400]],
    ["404, 200", "404,200", [200, 404], [201]],
    ["200-204", "200-204", [204], [205]],
  ] as const) {
    test(text, () => {
      const expected = parseExpected(text)!;
      assert.equal(formatExpected(expected), shown);
      const table = expectedTable(expected);
      for (const status of fine) assert.equal(table[status], 1, String(status));
      for (const status of bad) assert.equal(table[status], 0, String(status));
    });
  }
  for (const text of ["", "ok", "1xx", "600", "300-200", "200,"]) {
    test(`"${text}" is refused`, () => assert.equal(parseExpected(text), undefined));
  }
});
