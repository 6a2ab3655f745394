import { describe, test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Truth } from "../expression/expression.ts";
import type { DrillSettings } from "../snapshot/drill-settings.ts";
import {
  advance,
  beginDrill,
  detected,
  detectedAfterMs,
  judge,
  recoveredAfterMs,
  SETTLED_MS,
  STEADY_PATIENCE_MS,
  type DrillEnd,
  type DrillLook,
  type DrillRun,
  type Seen,
} from "./drill-run.ts";

const settings: DrillSettings = {
  name: "kill",
  schedule: undefined,
  steadyState: [],
  faults: [],
  abortIf: [],
  maxDurationMs: 60_000,
  expect: {
    detectedWithinMs: 5000,
    recoveredWithinMs: 10_000,
    errorRatio: 0.01,
    plan: undefined,
  },
  report: [],
};

function seen(truth: Truth | "nothing"): Seen {
  const state = { subject: {}, sinceMs: 0, firstTrueAtMs: undefined, explanation: `is ${truth}` };
  return { text: "available >= 3", states: truth === "nothing" ? [] : [{ ...state, truth }] };
}

interface Told {
  readonly at: number;
  readonly steady?: Truth | "nothing";
  readonly abort?: Truth;
  readonly left?: number;
}

function look({ at, steady = "true", abort = "false", left = 0 }: Told): DrillLook {
  return { nowMs: at, steady: [seen(steady)], abort: [seen(abort)], faultsLeft: left };
}

/** The run after these looks, and how it ended where it did. */
function follow(looks: readonly Told[]): { run: DrillRun; end?: DrillEnd | "settled" } {
  let run = beginDrill(settings, 0);
  for (const told of looks) {
    const next = advance(run, look(told));
    run = next.run;
    if (next.end) return { run, end: next.end };
  }
  return { run };
}

describe("before the faults", () => {
  for (const steady of ["false", "unknown", "nothing"] as const) {
    test(`${steady} is not steady: nothing is done, and in the end it is refused`, () => {
      assert.equal(follow([{ at: 0, steady }]).run.phase, "steadying");
      const { run, end } = follow([{ at: STEADY_PATIENCE_MS, steady }]);
      assert.equal(run.faultsFromMs, undefined);
      assert.ok(end !== undefined && end !== "settled");
      assert.equal(end.verdict, "refused");
      assert.match(end.reasons[0] ?? "", /not steady: available >= 3/);
    });
  }

  test("a steady state within the patience begins the faults' time", () => {
    const { run } = follow([
      { at: 0, steady: "false" },
      { at: 4000, left: 1 },
    ]);
    assert.equal(run.phase, "faulting");
    assert.equal(run.faultsFromMs, 4000);
  });
});

describe("under way", () => {
  test("it settles when all faults are over and steadiness lasted", () => {
    const looks: Told[] = [
      { at: 0, left: 1 },
      { at: 1000, left: 1, steady: "false" },
      { at: 2000, steady: "false" },
      { at: 3000 },
      { at: 4000 },
      { at: 5000 },
    ];
    assert.equal(follow(looks).end, undefined);
    const { run, end } = follow([...looks, { at: 3000 + SETTLED_MS }]);
    assert.equal(end, "settled");
    assert.equal(recoveredAfterMs(run), 3000);
  });

  test("a relapse begins the wait anew", () => {
    const { run, end } = follow([
      { at: 0, left: 1 },
      { at: 1000, steady: "false" },
      { at: 2000 },
      { at: 4000, steady: "unknown" },
      { at: 5000 },
      { at: 5500 },
    ]);
    assert.equal(end, undefined);
    assert.equal(recoveredAfterMs(run), 5000);
  });

  test("what never was unsteady has recovered at once", () => {
    const { run } = follow([{ at: 0, left: 1 }, { at: 1000 }]);
    assert.equal(recoveredAfterMs(run), 0);
  });

  test("an abort condition ends it at once, whatever else", () => {
    const { end } = follow([
      { at: 0, left: 2 },
      { at: 1000, left: 1, abort: "true" },
    ]);
    assert.ok(end !== undefined && end !== "settled");
    assert.equal(end.verdict, "aborted");
    assert.match(end.reasons[0] ?? "", /abort condition/);
  });

  test("an unknown abort condition does not", () => {
    assert.equal(
      follow([
        { at: 0, left: 1 },
        { at: 1000, left: 1, abort: "unknown" },
      ]).end,
      undefined,
    );
  });

  test("it fails at its longest duration and says what is still wrong", () => {
    const { end } = follow([
      { at: 0, left: 1 },
      { at: 60_000, steady: "false" },
    ]);
    assert.ok(end !== undefined && end !== "settled");
    assert.equal(end.verdict, "failed");
    assert.match(end.reasons[1] ?? "", /still: available >= 3 \(is false\)/);
  });

  test("only the first sign counts as detection, and none from before", () => {
    const { run } = follow([{ at: 1000, left: 1 }]);
    assert.equal(detectedAfterMs(detected(run, 999)), undefined);
    assert.equal(detectedAfterMs(detected(detected(run, 1300), 1200)), 300);
    assert.equal(detectedAfterMs(detected(beginDrill(settings, 0), 5)), undefined);
  });
});

test("whatever is seen, every drill ends within its bounds", () => {
  const truth = fc.constantFrom<Truth>("true", "false", "unknown");
  const looks = fc.array(fc.record({ steady: truth, abort: truth, left: fc.nat(2) }), {
    minLength: 80,
    maxLength: 80,
  });
  fc.assert(
    fc.property(looks, (all) => {
      const { run, end } = follow(all.map((one, index) => ({ ...one, at: index * 1000 })));
      assert.ok(end);
      const faulted = run.faultsFromMs !== undefined;
      if (end !== "settled" && end.verdict === "refused") assert.ok(!faulted);
      else assert.ok(faulted);
    }),
  );
});

const judged: readonly (readonly [
  string,
  Partial<DrillRun>,
  number,
  string | undefined,
  RegExp?,
])[] = [
  ["all met", {}, 0, undefined],
  ["too many failed", {}, 2, undefined, /2 of 100 requests failed \(2\.00 %\)/],
  ["never detected", { detectedAtMs: undefined }, 0, undefined, /never detected/],
  ["late detection", { detectedAtMs: 7000 }, 0, undefined, /detected after 6\.0 s.*5\.0 s/],
  ["late recovery", { steadySinceMs: 12_000 }, 0, undefined, /recovered after 11\.0 s/],
  ["another plan", {}, 0, "other"],
];

for (const [name, change, failed, plan, reason] of judged) {
  test(`judgement: ${name}`, () => {
    const run: DrillRun = {
      ...beginDrill(settings, 0),
      phase: "settling",
      faultsFromMs: 1000,
      detectedAtMs: 1500,
      unsteadyAtMs: 2000,
      steadySinceMs: 3000,
      ...change,
    };
    const end = judge(run, { requests: 100, failed, plan });
    assert.equal(end.verdict, reason ? "failed" : "passed");
    if (reason) assert.match(end.reasons.join("; "), reason);
  });
}

test("judgement: the plan that was expected must have healed it", () => {
  const expecting = { ...settings, expect: { ...settings.expect, plan: "restart" } };
  const run: DrillRun = {
    ...beginDrill(expecting, 0),
    faultsFromMs: 0,
    detectedAtMs: 1,
    steadySinceMs: 0,
  };
  const evidence = { requests: 0, failed: 0 };
  assert.equal(judge(run, { ...evidence, plan: "restart" }).verdict, "passed");
  assert.match(judge(run, { ...evidence, plan: undefined }).reasons.join(), /no plan did/);
  assert.match(judge(run, { ...evidence, plan: "other" }).reasons.join(), /other did/);
});
