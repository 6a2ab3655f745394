import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { equalsIgnoringCase, isNamedAlike, samePartIgnoringCase } from "./ascii.ts";

describe("comparisons without case", () => {
  const cases = [
    { one: "az-09", other: "AZ-09", same: true },
    { one: "", other: "", same: true },
    { one: "x-own", other: "y-own", same: false },
    { one: "x-own", other: "x-owm", same: false },
    { one: "x", other: "xx", same: false },
    // These differ by the case bit but are no letters.
    { one: "@", other: "`", same: false },
    { one: "{", other: "[", same: false },
    { one: "\xe4", other: "\xc4", same: false },
  ];
  for (const { one, other, same } of cases) {
    test(`finds "${one}" and "${other}" ${same ? "equal" : "different"}`, () => {
      const text = Buffer.from(`<${one}><${other}>`, "latin1");
      const start = one.length + 3;
      const end = start + other.length;
      assert.equal(samePartIgnoringCase(text, 1, 1 + one.length, start, end), same);
      assert.equal(equalsIgnoringCase(text, start, end, one), same);
      assert.equal(isNamedAlike(text, start, end, one), same);
    });
  }

  test("take an underscore for a hyphen where asked to, and nothing else", () => {
    const alike = ["x-a-b", "X_A-b", "x_a_B", "x-a=b", "x a-b", "x\x7fa-b", "x-a_", "x_a_bb"];
    const found = alike.filter((name) =>
      isNamedAlike(Buffer.from(`<${name}>`), 1, 1 + name.length, "x-a-b"),
    );
    assert.deepEqual(found, alike.slice(0, 3));
    assert.ok(!equalsIgnoringCase(Buffer.from("x_a"), 0, 3, "x-a"));
    assert.ok(!isNamedAlike(Buffer.from("x-a"), 0, 3, "x_a"));
  });
});
