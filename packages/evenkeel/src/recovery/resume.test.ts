import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LedgerEntry } from "../history/contract.ts";
import type { ActionSettings } from "../snapshot/plan-settings.ts";
import type { RunState } from "./plan-run.ts";
import { kinds, resumption } from "./resume.ts";
import { isFine, planOf, restart, stepOf } from "./testing/world.ts";

const drain = stepOf({ action: "drain", target: "api" }, { undo: true });
const run = stepOf({ action: "run", command: ["x"], env: {}, cwd: "/" }, { retries: 5 });
const rollback = stepOf({ action: "rollback", target: "api" });
const checked = stepOf({ action: "restart_service", target: "api" }, { verify: isFine });
const undrain = { kind: "undrain", object: "api.1" };

let ids = 0;
function entry(
  kind: string,
  intent: unknown,
  state: LedgerEntry["state"],
  undo: unknown = null,
): LedgerEntry {
  const times = { createdAtMs: 0, changedAtMs: 0, deadlineMs: 0 };
  const id = ++ids;
  return {
    id,
    kind,
    owner: "plan:p",
    incident: 1,
    run: "r",
    object: "api.1",
    intent,
    undo,
    state,
    outcome: "",
    ...times,
  };
}

const step = (
  at: number,
  action: ActionSettings,
  state: LedgerEntry["state"],
  undo: unknown = null,
) => entry(kinds.step, { step: at, attempt: 0, action }, state, undo);

interface Expected {
  readonly state: Partial<RunState>;
  /** The entry that is gone on with. */
  readonly open?: boolean;
  readonly settle?: readonly ("done" | "failed")[];
}

describe("a run that was cut off", () => {
  const plan = planOf({ steps: [drain, run, restart] });
  const drained = step(0, drain.action, "done", undrain);
  const cases: Readonly<Record<string, readonly [entries: readonly LedgerEntry[], Expected]>> = {
    "before its first step begins with it": [[], { state: { phase: "acting", step: 0 } }],
    "between intent and deed does the deed": [
      [step(0, drain.action, "intended", undrain)],
      { state: { phase: "acting", step: 0 }, open: true },
    ],
    "in a drain drains again, and knows how to undo it": [
      [step(0, drain.action, "running", undrain)],
      { state: { phase: "acting", step: 0, applied: [] }, open: true },
    ],
    "between two steps goes on with the next": [
      [drained],
      { state: { phase: "acting", step: 1, applied: [0] } },
    ],
    "in a command does not repeat it, whatever its retries, and reverts": [
      [drained, step(1, run.action, "running")],
      { state: { phase: "undoing", applied: [0], outcome: "failed" }, settle: ["failed"] },
    ],
    "in a restart does not repeat it, and lets the trigger judge": [
      [drained, step(1, run.action, "done"), step(2, restart.action, "running")],
      { state: { phase: "verifying", applied: [0] }, settle: ["done"] },
    ],
    "after a failed try does the next": [
      [drained, step(1, run.action, "failed")],
      { state: { phase: "acting", step: 1, attempt: 1, applied: [0] } },
    ],
    "in an undo goes on undoing": [
      [drained, step(1, run.action, "failed"), entry(kinds.undo, { step: 0, entry: 1 }, "running")],
      { state: { phase: "undoing", applied: [0] }, open: true },
    ],
    "after its undo is over": [
      [
        step(0, drain.action, "undone", undrain),
        step(1, run.action, "failed"),
        entry(kinds.undo, { step: 0, entry: 1 }, "done"),
      ],
      { state: { phase: "ended", outcome: "failed", applied: [] } },
    ],
  };
  for (const [name, [entries, { state, open = false, settle = [] }]] of Object.entries(cases)) {
    test(name, () => {
      const found = resumption(plan, false, entries);
      for (const [key, value] of Object.entries(state)) {
        assert.deepEqual(found.state[key as keyof RunState], value, key);
      }
      assert.equal(found.open !== undefined, open);
      assert.deepEqual(
        found.settle.map((one) => one.state),
        settle,
      );
    });
  }

  test("while it asked asks still; answered, it does not ask again", () => {
    const phases = (["running", "done", "failed"] as const).map((state) => {
      const { state: now, open } = resumption(plan, true, [entry(kinds.ask, {}, state)]);
      return [now.phase, now.outcome, open !== undefined];
    });
    assert.deepEqual(phases, [
      ["asking", undefined, true],
      ["acting", undefined, false],
      ["ended", "stopped", false],
    ]);
    assert.equal(resumption(plan, true, []).state.phase, "asking");
  });

  test("in a step that is verified reads its condition", () => {
    const found = resumption(planOf({ steps: [checked] }), false, [
      step(0, checked.action, "running"),
    ]);
    assert.equal(found.state.phase, "checking");
  });

  test("in a rollback does not go back twice", () => {
    const found = resumption(planOf({ steps: [rollback] }), false, [
      step(0, rollback.action, "running"),
    ]);
    assert.deepEqual([found.state.phase, found.state.outcome], ["ended", "failed"]);
  });

  test("tells what it did", () => {
    const found = resumption(plan, false, [
      drained,
      step(1, run.action, "done"),
      step(2, restart.action, "running"),
    ]);
    assert.deepEqual(found.deeds, [
      "step 1 (drain api)",
      "step 2 (run x)",
      "step 3 (restart_service api)",
    ]);
  });
});
