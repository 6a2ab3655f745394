import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCondition } from "../expression/parse.ts";
import type { ConditionState, SignalSubject } from "../signals/contract.ts";
import { aim, aimOf } from "./aim.ts";
import type { Levers, ObjectFacts } from "./contract.ts";
import { lasting, objectOf, subjectOf } from "./subject.ts";
import { bare, stateFor } from "./trigger.ts";

const at = (port: number) => [{ host: "127.0.0.1", port }];
const flags = { isOut: false, starting: undefined, drained: false, ejected: false };
const calm = { total: 2, out: 0, weight: undefined, ...flags };
const known: Readonly<Record<string, ObjectFacts>> = {
  job: { ...calm, kind: "process", group: "job", instances: 2, addresses: [] },
  "job.1": { ...calm, kind: "instance", group: "job", instances: undefined, addresses: at(1) },
  "job.2": { ...calm, kind: "instance", group: "job", instances: undefined, addresses: at(2) },
  web: { ...calm, kind: "upstream", group: "web", instances: undefined, addresses: [] },
  "web/127.0.0.1:1": {
    ...calm,
    kind: "endpoint",
    group: "web",
    instances: undefined,
    addresses: at(1),
  },
  "web/127.0.0.1:9": {
    ...calm,
    kind: "endpoint",
    group: "web",
    instances: undefined,
    addresses: at(9),
  },
};
const look: Levers["look"] = (object) => known[object];

describe("a step is aimed at the smaller of what it names and what fired:", () => {
  const cases: readonly (readonly [target: string, fired: string, object: string])[] = [
    ["", "job.2", "job.2"],
    ["job", "job.2", "job.2"],
    ["job", "job", "job"],
    ["job.1", "job.2", "job.1"],
    ["web", "web/127.0.0.1:9", "web/127.0.0.1:9"],
    ["web", "job.1", "web/127.0.0.1:1"],
    ["web", "job.2", "web"],
    ["job", "web/127.0.0.1:1", "job.1"],
    ["job", "web/127.0.0.1:9", "job"],
    ["job", "web", "job"],
    ["gone", "job.1", "gone"],
    ["job", "gone", "job"],
  ];
  for (const [target, fired, object] of cases) {
    test(`${target || "nothing"} and ${fired}`, () =>
      assert.equal(aim(target, fired, look), object));
  }

  test("but processes are scaled and rolled back as a whole", () => {
    const scale = { action: "scale", target: "job", change: 1, exact: false } as const;
    assert.equal(aimOf(scale, "job.2", look), "job");
    assert.equal(aimOf({ ...scale, target: "" }, "job.2", look), "job");
    assert.equal(aimOf({ action: "rollback", target: "" }, "job", look), "job");
  });
});

describe("objects and subjects", () => {
  const cases: readonly (readonly [object: string, subject: SignalSubject])[] = [
    ["job", { process: "job" }],
    ["job.1", { process: "job", instance: "job.1" }],
    ["web", { upstream: "web" }],
    ["web/127.0.0.1:9", { upstream: "web", endpoint: "127.0.0.1:9" }],
  ];
  for (const [object, subject] of cases) {
    test(object, () => {
      assert.deepEqual(subjectOf(object, look(object)), subject);
      assert.equal(objectOf(subject), object);
    });
  }
  test("an endpoint that stands for an instance is the instance, wherever it is", () => {
    const subject = { upstream: "web", endpoint: "127.0.0.1:1", process: "job", instance: "job.1" };
    assert.equal(objectOf(subject), "job.1");
    assert.deepEqual(lasting(subject), { upstream: "web", process: "job", instance: "job.1" });
  });
  test("a route is no object, and what is gone has no subject", () => {
    assert.equal(objectOf({ route: "r" }), "");
    assert.deepEqual(subjectOf("gone", undefined), {});
  });
});

describe("the state of a condition for one object", () => {
  const state = (subject: SignalSubject, truth: ConditionState["truth"]): ConditionState => ({
    subject,
    truth,
    sinceMs: 0,
    firstTrueAtMs: undefined,
    explanation: "",
  });
  const about = { upstream: "web", endpoint: "a", process: "job", instance: "job.1" };
  test("is its own, after it moved to another address as well", () => {
    const moved = state({ ...about, endpoint: "b" }, "true");
    const other = state({ ...about, endpoint: "a", instance: "job.2" }, "false");
    assert.equal(stateFor([other, moved], about), moved);
  });
  test("else that of a whole it is part of, the worst of several", () => {
    const whole = state({ upstream: "web" }, "unknown");
    assert.equal(stateFor([state({}, "false"), whole], about), whole);
  });
  test("never that of something else", () => {
    assert.equal(stateFor([state({ upstream: "other" }, "true")], about), undefined);
  });
});

test("a bare trigger is judged at once", () => {
  const parsed = parseCondition("(up < 1 for 5m or memory > 1GiB) for 3 x 15s");
  assert.ok(parsed.ok);
  const expression = bare(parsed.condition.expression);
  assert.equal(expression.kind, "or");
  assert.ok(!JSON.stringify(expression).includes("lasting"));
});
