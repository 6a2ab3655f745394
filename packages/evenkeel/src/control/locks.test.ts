import { test } from "node:test";
import assert from "node:assert/strict";
import { createLocks } from "./locks.ts";

const plain = () => createLocks((object) => [object]);

const conflicts: readonly (readonly [one: string, other: string, inTheWay: boolean])[] = [
  ["api.1", "api.1", true],
  ["api", "api.1", true],
  ["api.1", "api", true],
  ["api.1", "api.2", false],
  ["web", "web/10.0.0.1:80", true],
  ["web/10.0.0.1:80", "web/10.0.0.2:80", false],
  ["web", "web-2/10.0.0.1:80", false],
  ["api", "api.blue", false],
  ["web/10.0.0.1:80", "web/10.0.0.1:8", false],
];

for (const [one, other, inTheWay] of conflicts) {
  test(`${one} ${inTheWay ? "bars" : "leaves"} ${other}`, () => {
    const locks = plain();
    assert.ok(locks.take(one, "plan:a"));
    assert.equal(locks.take(other, "plan:b") === undefined, inTheWay);
    assert.equal(locks.holder(other), inTheWay ? "plan:a" : "plan:b");
  });
}

test("a released lock is free, and releasing twice frees nobody else's", () => {
  const locks = plain();
  const first = locks.take("api.1", "a");
  first?.release();
  assert.ok(locks.take("api.1", "b"));
  first?.release();
  assert.equal(locks.holder("api.1"), "b");
});

test("the operator takes all that is in the way, and the losers hear of it", () => {
  const locks = plain();
  const one = locks.take("api.1", "plan:a");
  const two = locks.take("api.2", "drill:b");
  locks.seize("api", "operator");
  assert.ok(one?.lost.aborted);
  assert.ok(two?.lost.aborted);
  assert.match(String(two?.lost.reason), /operator took over api\.2/);
  assert.equal(locks.holder("api.1"), undefined);
  one?.release();
});

/** Two instances in an upstream that has a member of its own besides. */
const doubles: Readonly<Record<string, readonly string[]>> = {
  "web/127.0.0.1:9101": ["api.1"],
  "api.1": ["web/127.0.0.1:9101"],
  "web/127.0.0.1:9102": ["api.2"],
  "api.2": ["web/127.0.0.1:9102"],
  web: ["api.1", "api.2"],
};

const doubleConflicts: readonly (readonly [one: string, other: string, inTheWay: boolean])[] = [
  ["web/127.0.0.1:9101", "api.1", true],
  ["web/127.0.0.1:9101", "api", true],
  ["web", "web/127.0.0.1:9101", true],
  ["web", "api.1", true],
  ["web", "api", true],
  ["web", "web/10.0.0.9:80", true],
  ["web/127.0.0.1:9101", "web/127.0.0.1:9102", false],
  ["web/127.0.0.1:9101", "api.2", false],
  ["api", "web/10.0.0.9:80", false],
];

for (const [one, other, inTheWay] of doubleConflicts) {
  for (const [first, second] of [
    [one, other],
    [other, one],
  ] as const) {
    test(`instances are endpoints: ${first} ${inTheWay ? "bars" : "leaves"} ${second}`, () => {
      const locks = createLocks((object) => [object, ...(doubles[object] ?? [])]);
      assert.ok(locks.take(first, "plan:a"));
      assert.equal(locks.take(second, "plan:b") === undefined, inTheWay);
    });
  }
}

test("an instance that came after the lock on its upstream is covered by it", () => {
  const locks = createLocks((object) =>
    object === "api.3" ? [object, "web/127.0.0.1:9103"] : [object, ...(doubles[object] ?? [])],
  );
  assert.ok(locks.take("web", "plan:a"));
  assert.equal(locks.holder("api.3"), "plan:a");
});
