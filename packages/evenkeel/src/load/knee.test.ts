import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { Verdict } from "./judge-step.ts";
import { describeKnee, findKnee, type JudgedLoad, type Knee, nextBisection } from "./knee.ts";

function steps(text: string): JudgedLoad[] {
  const verdicts: Record<string, Verdict> = { m: "met", x: "missed", i: "invalid" };
  return Array.from(text, (letter, index) => ({
    load: (index + 1) * 100,
    verdict: verdicts[letter]!,
  }));
}

describe("the knee", () => {
  for (const [text, knee, words] of [
    ["", { kind: "none" }, /Nothing/],
    ["mmm", { kind: "at-least", load: 300 }, /up to 300\/s/],
    ["mmx", { kind: "found", load: 200, missed: 300 }, /Knee at 200\/s/],
    ["mxmm", { kind: "found", load: 100, missed: 200 }, /Knee at 100\/s/],
    ["xmm", { kind: "below", missed: 100 }, /below 100\/s/],
    ["mmi", { kind: "generator-limit", load: 200, invalid: 300 }, /At least 200\/s/],
    ["i", { kind: "generator-limit", load: null, invalid: 100 }, /generator could not keep up/],
    ["mxi", { kind: "found", load: 100, missed: 200 }, /Knee at 100\/s/],
  ] as const satisfies readonly (readonly [string, Knee, RegExp])[]) {
    test(`of "${text}"`, () => {
      const found = findKnee(steps(text));
      assert.deepEqual(found, knee);
      assert.match(describeKnee(found, "open"), words);
    });
  }

  test("does not depend on the order of measurement", () => {
    assert.deepEqual(findKnee(steps("mmxm").reverse()), findKnee(steps("mmxm")));
  });

  test("in a closed loop is a number of connections", () => {
    assert.match(describeKnee(findKnee(steps("mx")), "closed"), /Knee at 100 connections/);
  });
});

describe("bisection", () => {
  test("closes in on the knee until 2 %", () => {
    const truth = 2_345;
    const known: JudgedLoad[] = [
      { load: 2_000, verdict: "met" },
      { load: 3_000, verdict: "missed" },
    ];
    let count = 0;
    for (;;) {
      const load = nextBisection(findKnee(known));
      if (load === undefined) break;
      known.push({ load, verdict: load <= truth ? "met" : "missed" });
      assert.ok(++count < 10, "it ends");
    }
    const knee = findKnee(known);
    assert.ok(knee.kind === "found" && knee.load <= truth && knee.missed > truth);
    assert.ok(knee.missed - knee.load <= knee.load * 0.02 + 1);
  });

  test("has nothing to do without a bracket", () => {
    assert.equal(nextBisection(findKnee(steps("mm"))), undefined);
    assert.equal(nextBisection({ kind: "found", load: 3, missed: 4 }), undefined);
  });
});
