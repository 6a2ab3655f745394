import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { createTextSearch } from "./text-search.ts";

const search = (text: string, limit: number, pieces: readonly string[]): string => {
  const state = createTextSearch(text, limit);
  let last: string = "wanting";
  for (const piece of pieces) {
    if (last === "wanting") last = state.push(Buffer.from(piece));
  }
  return last;
};

describe("text in pieces", () => {
  const cases: { text: string; limit: number; pieces: string[]; found: string }[] = [
    { text: "ok", limit: 10, pieces: ["is ok"], found: "found" },
    { text: "ok", limit: 10, pieces: ["is o", "k"], found: "found" },
    { text: "ok", limit: 10, pieces: ["is", " not"], found: "wanting" },
    { text: "ok", limit: 4, pieces: ["12ok"], found: "found" },
    { text: "ok", limit: 4, pieces: ["123ok"], found: "exhausted" },
    { text: "ok", limit: 4, pieces: ["123", "ok"], found: "exhausted" },
    { text: "grün", limit: 20, pieces: ["ist grün"], found: "found" },
    { text: "", limit: 4, pieces: ["x"], found: "found" },
  ];
  for (const { text, limit, pieces, found } of cases) {
    test(`"${text}" in ${pieces.join("|")} of ${limit}: ${found}`, () => {
      assert.equal(search(text, limit, pieces), found);
    });
  }
  test("however it is cut, the answer is that of the whole", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
    const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 5 }));
    fc.assert(
      fc.property(letters, pieces, fc.integer({ min: 1, max: 30 }), (text, cut, limit) => {
        const whole = cut.join("").slice(0, limit);
        const found = search(text, limit, cut) === "found";
        assert.equal(found, whole.includes(text));
      }),
    );
  });
});
