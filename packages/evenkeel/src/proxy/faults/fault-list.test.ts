import { test } from "node:test";
import assert from "node:assert/strict";
import type { FaultSettings } from "../../snapshot/fault.ts";
import { createFaultList, drawFault } from "./fault-list.ts";

type Scope = Partial<FaultSettings["scope"]>;

function fault(scope: Scope, untilMs = 1000): FaultSettings {
  const everything = { upstream: "", endpoint: "", route: "", header: undefined, percent: 100 };
  return { id: "f", scope: { ...everything, ...scope }, effect: { kind: "hang" }, untilMs };
}

const endpoint = { snapshot: { name: "a:1" }, group: { snapshot: { name: "api" } } };
const head = (fields: Record<string, string>) => ({ header: (name: string) => fields[name] });

const candidates: readonly (readonly [string, Scope, Record<string, string>, boolean])[] = [
  ["everything", {}, {}, true],
  ["its route", { route: "r" }, {}, true],
  ["another route", { route: "x" }, {}, false],
  ["a header that is there", { header: { name: "x-drill", value: "" } }, { "x-drill": "" }, true],
  ["a header that is not", { header: { name: "x-drill", value: "" } }, {}, false],
  ["a header's value", { header: { name: "x-drill", value: "yes" } }, { "x-drill": "yes" }, true],
  ["another value", { header: { name: "x-drill", value: "yes" } }, { "x-drill": "no" }, false],
];

for (const [name, scope, fields, expected] of candidates) {
  test(`a fault of ${name} ${expected ? "may be met" : "is ruled out"}`, () => {
    const list = createFaultList(() => 0);
    list.set([fault(scope)]);
    assert.equal(list.candidates("r", head(fields)) !== undefined, expected);
  });
}

const draws: readonly (readonly [string, Scope, number, number, boolean])[] = [
  ["everything", {}, 0, 0.99, true],
  ["its upstream", { upstream: "api" }, 0, 0, true],
  ["another upstream", { upstream: "web" }, 0, 0, false],
  ["its endpoint", { upstream: "api", endpoint: "a:1" }, 0, 0, true],
  ["another endpoint", { upstream: "api", endpoint: "b:1" }, 0, 0, false],
  ["a share that is hit", { percent: 50 }, 0, 0.49, true],
  ["a share that is not", { percent: 50 }, 0, 0.5, false],
  ["no share at all", { percent: 0 }, 0, 0, false],
  ["a time that is over", {}, 1000, 0, false],
];

for (const [name, scope, nowMs, random, expected] of draws) {
  test(`a fault of ${name} is ${expected ? "met" : "not met"}`, () => {
    const effect = drawFault([fault(scope)], endpoint, nowMs, () => random);
    assert.equal(effect !== undefined, expected);
  });
}

test("faults end by themselves", () => {
  let now = 0;
  const list = createFaultList(() => now);
  assert.ok(list.isEmpty);
  list.set([fault({}, 1000), fault({ route: "r" }, 2000)]);
  assert.ok(!list.isEmpty);
  now = 1000;
  assert.ok(!list.isEmpty);
  assert.equal(list.candidates("other", head({})), undefined);
  now = 2000;
  assert.ok(list.isEmpty);
});
