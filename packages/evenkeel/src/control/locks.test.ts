import { test } from "node:test";
import assert from "node:assert/strict";
import { createLocks } from "./locks.ts";

const plain = () => createLocks((object) => object);

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

test("two names of one thing are one lock", () => {
  const locks = createLocks((object) => (object === "web/127.0.0.1:9101" ? "api.1" : object));
  assert.ok(locks.take("web/127.0.0.1:9101", "plan:a"));
  assert.equal(locks.take("api.1", "plan:b"), undefined);
  assert.equal(locks.take("api", "plan:b"), undefined);
});
