import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ObjectFacts } from "./contract.ts";
import {
  allowedOut,
  beyondBlastRadius,
  freezeReason,
  refusalOf,
  takes,
  type GuardFacts,
} from "./guard.ts";
import { planOf } from "./testing/world.ts";

const plan = planOf({
  limits: {
    maxAttempts: 3,
    cooldownMs: 60_000,
    maxConcurrent: 2,
    rate: { count: 5, windowMs: 3_600_000 },
  },
});

const instance: ObjectFacts = {
  kind: "instance",
  group: "api",
  total: 6,
  out: 0,
  isOut: false,
  starting: undefined,
  weight: undefined,
  drained: false,
  ejected: false,
  instances: undefined,
  addresses: [],
};
const whole: ObjectFacts = { ...instance, kind: "process", instances: 6 };

const calm: GuardFacts = {
  nowMs: 1_000_000,
  object: "api.1",
  frozen: undefined,
  holder: undefined,
  isStarting: false,
  attempts: 0,
  running: 0,
  lastEndedAtMs: undefined,
  runsInWindow: 0,
  takings: [{ object: "api.1", facts: instance, busy: 0, count: 1 }],
};

describe("every refusal has one plain sentence:", () => {
  const cases: readonly (readonly [
    Partial<GuardFacts>,
    rule: string,
    answer: string,
    sentence: string,
  ])[] = [
    [
      { frozen: { by: "ada", reason: "deploy" } },
      "frozen",
      "quiet",
      "all plans are frozen by ada: deploy",
    ],
    [{ holder: "operator" }, "locked", "wait", "operator is at work on api.1"],
    [{ attempts: 3 }, "attempts", "page", "it was tried 3 times and did not help (max_attempts 3)"],
    [{ isStarting: true }, "starting", "wait", "api.1 is only just being started"],
    [{ running: 2 }, "concurrency", "wait", "2 of its runs are under way (max_concurrent 2)"],
    [
      { lastEndedAtMs: 950_000 },
      "cooldown",
      "wait",
      "its last run on api.1 ended less than 1m ago (cooldown)",
    ],
    [{ runsInWindow: 5 }, "rate", "page", "it ran 5 times of late (rate 5 in 1h)"],
    [
      { takings: [{ object: "api.1", facts: { ...instance, out: 2 }, busy: 1, count: 1 }] },
      "blast_radius",
      "page",
      "3 of 6 of api are out or under repair; with api.1 it would be 4, and max_unavailable allows 3",
    ],
  ];
  for (const [facts, rule, answer, sentence] of cases) {
    test(rule, () =>
      assert.deepEqual(refusalOf(plan, { ...calm, ...facts }), { rule, sentence, answer }),
    );
  }

  test("none where nothing stands in its way", () => {
    assert.equal(refusalOf(plan, calm), undefined);
    const nearly = { attempts: 2, running: 1, lastEndedAtMs: 940_000, runsInWindow: 4 };
    assert.equal(refusalOf(plan, { ...calm, ...nearly }), undefined);
  });

  test("an operator is stopped by others at work and by the blast radius alone", () => {
    const byHand = (facts: Partial<GuardFacts>) =>
      refusalOf(plan, { ...calm, ...facts }, true)?.rule;
    const told = {
      frozen: { by: "ada", reason: "" },
      attempts: 9,
      runsInWindow: 99,
      lastEndedAtMs: 1e6,
    };
    assert.equal(byHand(told), undefined);
    assert.equal(byHand({ holder: "drill x" }), "locked");
    assert.equal(byHand({ running: 2 }), "concurrency");
    assert.equal(
      byHand({ takings: [{ object: "a", facts: instance, busy: 3, count: 1 }] }),
      "blast_radius",
    );
  });
});

describe("max_unavailable:", () => {
  const half = { ...plan.limits, maxUnavailable: { percent: 50 } };
  const cases: Readonly<
    Record<string, readonly [Partial<ObjectFacts>, busy: number, count: number, fits: boolean]>
  > = {
    "the third of six": [{ out: 2 }, 0, 1, true],
    "the fourth of six": [{ out: 3 }, 0, 1, false],
    "one that is out already takes nothing more": [{ out: 3, isOut: true }, 0, 1, true],
    "with four out even that is not one instance's trouble": [{ out: 4, isOut: true }, 0, 1, false],
    "what other runs are about to take counts": [{ out: 2 }, 1, 1, false],
    "what takes nothing is free": [{ out: 6 }, 6, 0, true],
    "the only one": [{ total: 1 }, 0, 1, true],
    "all of them": [{ kind: "process" }, 0, 6, false],
  };
  for (const [name, [facts, busy, count, fits]] of Object.entries(cases)) {
    test(name, () => {
      const taking = { object: "api.1", facts: { ...instance, ...facts }, busy, count };
      assert.equal(beyondBlastRadius(half, taking) === undefined, fits);
    });
  }

  test("shares are rounded down, to no less than one", () => {
    const allowed = [1, 2, 3, 4, 10].map((total) => allowedOut({ percent: 50 }, total));
    assert.deepEqual(allowed, [1, 1, 1, 2, 5]);
    assert.equal(allowedOut({ count: 4 }, 2), 4);
  });
});

describe("what an action takes out:", () => {
  const cases = [
    [{ action: "restart_service", target: "" }, instance, 1],
    [{ action: "restart_service", target: "" }, whole, 1],
    [{ action: "drain", target: "" }, instance, 1],
    [{ action: "drain", target: "" }, { ...whole, out: 2 }, 4],
    [{ action: "eject", target: "" }, whole, 6],
    [{ action: "undrain", target: "" }, whole, 0],
    [{ action: "set_weight", target: "", weight: 0 }, whole, 6],
    [{ action: "set_weight", target: "", weight: 1 }, whole, 0],
    [{ action: "scale", target: "", change: -2, exact: false }, whole, 2],
    [{ action: "scale", target: "", change: 2, exact: false }, whole, 0],
    [{ action: "scale", target: "", change: 1, exact: true }, whole, 5],
    [{ action: "rollback", target: "" }, whole, 1],
    [{ action: "wait", ms: 1 }, instance, 0],
  ] as const;
  for (const [action, facts, count] of cases) {
    test(`${JSON.stringify(action)} of ${facts.kind}`, () =>
      assert.equal(takes(action, facts), count));
  }
});

describe("all plans are frozen", () => {
  const freeze = { runs: 5, windowMs: 600_000, unhealthyPercent: 50 };
  test("after too many runs", () => {
    assert.equal(freezeReason(freeze, { runs: 4, group: undefined }), undefined);
    assert.equal(
      freezeReason(freeze, { runs: 5, group: undefined }),
      "5 runs within 10m (freeze_after)",
    );
  });
  test("where too little is left of a group of several", () => {
    const group = (total: number, out: number) =>
      freezeReason(freeze, { runs: 0, group: { ...whole, total, out } });
    assert.equal(group(6, 3), undefined);
    assert.match(group(6, 4) ?? "", /^2 of 6 of api are left, less than 50 % \(freeze_below\)/);
    assert.equal(group(1, 1), undefined);
    assert.notEqual(group(2, 2), undefined);
  });
});
