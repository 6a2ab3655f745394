import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCondition } from "../expression/parse.ts";
import { createConditionWatch } from "./condition-watch.ts";
import type { ConditionState, SignalSubject } from "./contract.ts";
import { leapProof } from "./leap-proof.ts";
import { createFakeReader } from "./testing/fake-reader.ts";

const HOUR_MS = 3_600_000;
const api: SignalSubject = { upstream: "api" };

function watching(text: string) {
  let wallMs = 1_000_000_000;
  let evenMs = 0;
  const reader = createFakeReader(() => wallMs);
  const parsed = parseCondition(text);
  assert.ok(parsed.ok);
  const create = leapProof(createConditionWatch, () => evenMs);
  const watch = create(parsed.condition.expression, reader, {});
  reader.set("p99", api, 0.9);
  return {
    wallMs: () => wallMs,
    leap: (ms: number) => void (wallMs += ms),
    pass: (seconds: number): ConditionState => {
      let states: readonly ConditionState[] = [];
      for (let second = 0; second < seconds; second++) {
        wallMs += 1000;
        evenMs += 1000;
        states = watch.look(wallMs);
      }
      return states[0]!;
    },
  };
}

for (const [what, leapMs] of [
  ["set forward", 30_000],
  ["set forward by an hour", HOUR_MS],
  ["set back", -HOUR_MS],
] as const) {
  test(`a clock that is ${what} neither lengthens nor ends what lasts`, () => {
    const { pass, leap, wallMs } = watching("p99(api) > 800ms for 10s");
    const beganMs = wallMs() + 1000;
    pass(6);
    leap(leapMs);
    assert.equal(pass(4).truth, "false");
    const state = pass(1);
    assert.equal(state.truth, "true");
    // Times are told by the clock as it is now.
    assert.equal(state.firstTrueAtMs, beganMs + leapMs);
    assert.equal(state.sinceMs, wallMs());
  });
}

test("small corrections change nothing, and nothing is moved by them", () => {
  const { pass, leap, wallMs } = watching("p99(api) > 800ms");
  const { sinceMs } = pass(1);
  leap(200);
  leap(-150);
  assert.equal(pass(1).sinceMs, sinceMs);
  assert.equal(wallMs() - sinceMs, 1050);
});
