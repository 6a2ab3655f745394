import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Truth } from "../expression/expression.ts";
import { afterLook, hasLasted, type Lasting, type Run, UNKNOWN_ENDS_MS } from "./run.ts";

const letters: Record<string, Truth> = { t: "true", f: "false", u: "unknown" };

/** Looks a second apart: t, f, u for what was seen, a dot where nobody looked. */
function after(looks: string, lasting: Lasting): { run: Run | undefined; truth: Truth } {
  let run: Run | undefined;
  let truth: Truth = "unknown";
  for (const [at, letter] of looks.split("").entries()) {
    if (letter === ".") continue;
    truth = letters[letter]!;
    run = afterLook(run, truth, at * 1000, lasting);
  }
  return { run, truth: hasLasted(run, truth, lasting) };
}

describe("for 5s", () => {
  const lasting: Lasting = { forMs: 5000, times: undefined };
  const cases: [looks: string, truth: Truth, sinceMs: number | undefined][] = [
    ["t", "false", 0],
    ["ttttt", "false", 0],
    ["tttttt", "true", 0],
    ["fftttttt", "true", 2000],
    ["tttftt", "false", 4000],
    ["ttttttf", "false", undefined],
    ["f", "false", undefined],
    ["u", "unknown", undefined],
    // The unknown time is left out, and the run goes on behind it.
    ["tttuuttt", "false", 0],
    ["tttuuttttt", "true", 0],
    ["ttttttu", "unknown", 0],
    ["ttttttut", "true", 0],
    [`ttt${"u".repeat(59)}t`, "false", 0],
    [`tttttt${"u".repeat(61)}t`, "false", 67_000],
    [`tttttt${".".repeat(61)}t`, "false", 67_000],
  ];
  for (const [looks, truth, sinceMs] of cases) {
    test(looks.replace(/(u|\.){9,}/, "$1…"), () => {
      const found = after(looks, lasting);
      assert.deepEqual([found.truth, found.run?.sinceMs], [truth, sinceMs]);
    });
  }
});

describe("for 3 x 2s", () => {
  const lasting: Lasting = { forMs: 2000, times: 3 };
  const cases: [looks: string, truth: Truth][] = [
    ["ttt", "false"],
    ["ttttt", "true"],
    ["t.t.t", "true"],
    // Between the looks that count nobody looks.
    ["tftft", "true"],
    ["ttftt", "false"],
    ["tttttf", "true"],
    ["ttttttf", "false"],
    ["t.u.t", "false"],
    ["t.u.t.t", "true"],
  ];
  for (const [looks, truth] of cases) {
    test(looks, () => assert.equal(after(looks, lasting).truth, truth));
  }
});

test("nothing has lasted longer than it has been watched, and false ends it", () => {
  const looks = fc.array(fc.constantFrom("t", "f", "u"), { maxLength: 80 });
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 20 }), (all, seconds) => {
      const lasting: Lasting = { forMs: seconds * 1000, times: undefined };
      const { run, truth } = after(all.join(""), lasting);
      if (run) {
        assert.ok(run.trueForMs <= all.length * 1000);
        assert.ok(run.knownAtMs - run.sinceMs >= run.trueForMs);
        assert.ok((all.length - 1) * 1000 - run.knownAtMs <= UNKNOWN_ENDS_MS);
      }
      if (all.at(-1) === "f") assert.deepEqual([truth, run], ["false", undefined]);
      const tail = all.slice(-seconds - 1);
      const lasted = tail.length > seconds && tail.every((look) => look === "t");
      if (lasted) assert.equal(truth, "true");
    }),
  );
});
