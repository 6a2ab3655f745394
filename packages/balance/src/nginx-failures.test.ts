import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { isHeldBack, noteFailure, notePick, noteSuccess } from "./nginx-failures.ts";

const TIMEOUT_MS = 10_000;
const START_MS = 1_700_000_000_400;

function createColumns() {
  const columns = {
    fails: new Int32Array(new SharedArrayBuffer(8)),
    accessedS: new Float64Array(2),
    checkedS: new Float64Array(2),
  };
  const at = (afterMs: number) => START_MS + afterMs;
  return {
    columns,
    held: (maxFails: number, afterMs: number) =>
      isHeldBack(columns, 1, maxFails, TIMEOUT_MS, at(afterMs)),
    fail: (maxFails: number, afterMs: number) => noteFailure(columns, 1, maxFails, at(afterMs)),
    pick: (afterMs: number) => notePick(columns, 1, TIMEOUT_MS, at(afterMs)),
    succeed: () => noteSuccess(columns, 1),
  };
}

describe("nginx's failures", () => {
  test("an endpoint that never failed is never held back", () => {
    assert.equal(createColumns().held(1, 0), false);
  });

  test("max_fails 0 turns accounting off", () => {
    const { held, fail } = createColumns();
    assert.equal(fail(0, 0), false);
    assert.equal(held(0, 0), false);
  });

  test("the failure that reaches max_fails says so and holds back", () => {
    const { held, fail } = createColumns();
    assert.equal(fail(2, 0), false);
    assert.equal(held(2, 0), false);
    assert.equal(fail(2, 0), true);
    assert.equal(held(2, 0), true);
  });

  test("holds back until more than fail_timeout in whole seconds has passed", () => {
    const { held, fail } = createColumns();
    fail(1, 0);
    // It begins 400 ms into a second, and ends with that second's eleventh successor.
    assert.equal(held(1, 10_599), true);
    assert.equal(held(1, 10_600), false);
  });

  test("then lets exactly one probe through, once in each time-out", () => {
    const { held, fail, pick } = createColumns();
    fail(1, 0);
    assert.equal(held(1, 11_000), false);
    pick(11_000);
    assert.equal(held(1, 11_000), true);
    assert.equal(held(1, 21_000), true);
    assert.equal(held(1, 22_000), false);
  });

  test("the probe's success clears the count, its failure starts over", () => {
    const { columns, held, fail, pick, succeed } = createColumns();
    fail(1, 0);
    pick(11_000);
    succeed();
    assert.equal(columns.fails[1], 0);
    assert.equal(held(1, 11_000), false);
    fail(1, 12_000);
    pick(23_000);
    fail(1, 24_000);
    succeed();
    assert.equal(held(1, 34_000), true);
  });

  test("a success of a request sent before the failure clears nothing", () => {
    const { columns, fail, pick, succeed } = createColumns();
    pick(0);
    fail(3, 2_000);
    succeed();
    assert.equal(columns.fails[1], 1);
  });

  test("touches no other slot", () => {
    const { columns, fail, pick } = createColumns();
    fail(1, 0);
    pick(30_000);
    assert.deepEqual([columns.fails[0], columns.accessedS[0], columns.checkedS[0]], [0, 0, 0]);
  });

  test("agrees with a plain model over any life", () => {
    const step = fc.record({
      kind: fc.constantFrom("pick", "fail", "succeed"),
      afterMs: fc.oneof(fc.nat(2_000), fc.nat(15_000)),
    });
    const steps = fc.array(step, { maxLength: 60, size: "max" });
    const property = fc.property(steps, fc.nat(3), (steps, maxFails) => {
      const real = createColumns();
      const model = { fails: 0, accessed: 0, checked: 0 };
      let nowMs = 0;
      for (const { kind, afterMs } of steps) {
        nowMs += afterMs;
        const now = Math.trunc((START_MS + nowMs) / 1000);
        const out = maxFails > 0 && model.fails >= maxFails && now - model.checked <= 10;
        assert.equal(real.held(maxFails, nowMs), out);
        if (kind === "pick" && !out) {
          if (now - model.checked > 10) model.checked = now;
          real.pick(nowMs);
        } else if (kind === "fail") {
          Object.assign(model, { fails: model.fails + 1, accessed: now, checked: now });
          assert.equal(real.fail(maxFails, nowMs), maxFails > 0 && model.fails >= maxFails);
        } else if (kind === "succeed") {
          if (model.accessed < model.checked) model.fails = 0;
          real.succeed();
        }
        assert.equal(real.columns.fails[1], model.fails);
        assert.equal(real.columns.checkedS[1], model.checked);
      }
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });
});
