import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { firstState, nextState, type RunEvent, type RunState } from "./plan-run.ts";
import { isFine, planOf, restart, stepOf } from "./testing/world.ts";

const drain = stepOf({ action: "drain", target: "" }, { undo: true, retries: 1, verify: isFine });
const check = stepOf({ action: "verify_health", target: "", endpoint: "/", expected: [] });
const approve = stepOf({ action: "approve", question: "?", otherwise: "stop" });

const play = (
  steps: Parameters<typeof planOf>[0],
  asks: boolean,
  ...events: RunEvent[]
): RunState => {
  const plan = planOf(steps);
  return events.reduce((state, event) => nextState(plan, state, event), firstState(plan, asks));
};

const acted: RunEvent = { kind: "acted", undo: false };
const drained: RunEvent = { kind: "acted", undo: true };
const failed: RunEvent = { kind: "failed", problem: "no" };
const go: RunEvent = { kind: "answered", go: true, text: "ada says go" };
const stop: RunEvent = { kind: "answered", go: false, text: "ada says stop" };
const silent: RunEvent = { kind: "unverified", truth: "unknown", text: "nobody can say" };

describe("a run", () => {
  const steps = [drain, restart, check];
  const cases: Readonly<
    Record<
      string,
      readonly [
        asks: boolean,
        events: RunEvent[],
        phase: RunState["phase"],
        more?: Partial<RunState>,
      ]
    >
  > = {
    "begins with its first step": [false, [], "acting", { step: 0 }],
    "asks first where it must": [true, [], "asking"],
    "begins when a person says go": [true, [go], "acting", { step: 0 }],
    "ends when a person says stop": [true, [stop], "ended", { outcome: "stopped" }],
    "checks what it did": [false, [drained], "checking", { applied: [0] }],
    "goes on when the check passed": [
      false,
      [drained, { kind: "checked" }],
      "acting",
      { step: 1, confirmed: true },
    ],
    "does a step again where it failed": [false, [failed], "acting", { step: 0, attempt: 1 }],
    "does a step again where its check failed, to be undone once": [
      false,
      [drained, failed, drained],
      "checking",
      { attempt: 1, applied: [0] },
    ],
    "reverts when retries are used up": [
      false,
      [drained, failed, failed],
      "undoing",
      { outcome: "failed", applied: [0] },
    ],
    "ends when all is reverted": [
      false,
      [drained, failed, failed, { kind: "undone" }],
      "ended",
      { applied: [] },
    ],
    "ends where a revert fails as well": [
      false,
      [drained, failed, failed, failed],
      "ended",
      { outcome: "failed" },
    ],
    "reads the trigger again after the last step": [
      false,
      [drained, { kind: "checked" }, acted, acted],
      "verifying",
      { step: 3, confirmed: true },
    ],
    "has helped when the trigger ended": [
      false,
      [drained, { kind: "checked" }, acted, acted, { kind: "verified", text: "fine" }],
      "ended",
      { outcome: "mitigated" },
    ],
    "has helped where nobody knows and its own check passed": [
      false,
      [drained, { kind: "checked" }, acted, acted, silent],
      "ended",
      { outcome: "mitigated" },
    ],
    "has failed when the trigger holds, and reverts": [
      false,
      [drained, { kind: "checked" }, acted, acted, { kind: "unverified", truth: "true", text: "" }],
      "undoing",
      { outcome: "failed" },
    ],
    "reverts when it is called off": [
      false,
      [drained, { kind: "cancelled", text: "gone" }],
      "undoing",
      { outcome: "stopped" },
    ],
    "leaves everything to the operator": [
      false,
      [drained, { kind: "aborted", text: "taken" }],
      "ended",
      { outcome: "aborted", applied: [0] },
    ],
  };
  for (const [name, [asks, events, phase, more = {}]] of Object.entries(cases)) {
    test(name, () => {
      const state = play({ steps }, asks, ...events);
      assert.equal(state.phase, phase);
      for (const [key, value] of Object.entries(more)) {
        assert.deepEqual(state[key as keyof RunState], value, key);
      }
    });
  }

  test("without a check of its own has not helped where nobody knows", () => {
    const state = play({ steps: [restart] }, false, acted, silent);
    assert.deepEqual([state.phase, state.outcome], ["ended", "failed"]);
  });
});

test("whatever comes in whatever order, a run ends, and nothing that was done is forgotten", () => {
  const event = fc.oneof(
    fc.constantFrom(acted, drained, failed, go, stop, silent),
    fc.constantFrom<RunEvent>(
      { kind: "failed", problem: "late", undo: true },
      { kind: "checked" },
      { kind: "verified", text: "" },
      { kind: "unverified", truth: "true", text: "" },
      { kind: "undone" },
      { kind: "cancelled", text: "" },
      { kind: "aborted", text: "" },
    ),
  );
  const steps = fc.array(fc.constantFrom(drain, restart, check, approve), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(steps, fc.boolean(), fc.array(event, { maxLength: 60 }), (steps, asks, events) => {
      const plan = planOf({ steps });
      let state = firstState(plan, asks);
      for (const event of events) {
        const before = state;
        state = nextState(plan, before, event);
        assert.ok(state.step >= before.step, "never back to an earlier step");
        assert.ok(state.step <= steps.length);
        assert.equal(new Set(state.applied).size, state.applied.length);
        assert.equal(
          state.phase === "undoing",
          state.phase === "undoing" && state.applied.length > 0,
        );
        if (
          before.outcome !== undefined &&
          event.kind !== "cancelled" &&
          event.kind !== "aborted"
        ) {
          assert.equal(state.outcome, before.outcome, "how it ends is settled once");
        }
        const isOver = state.phase === "ended";
        assert.equal(isOver && state.outcome === undefined, false);
        if (isOver && state.outcome !== "mitigated" && state.outcome !== "aborted") {
          assert.deepEqual(state.applied, [], "all is reverted");
        }
      }
    }),
  );
});
