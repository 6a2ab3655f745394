import assert from "node:assert/strict";
import { test } from "node:test";

import { bestOf, compare } from "./compare.ts";
import { cell, type Numbers } from "./testing/made-up.ts";

const cases: readonly {
  readonly name: string;
  readonly a: Numbers;
  readonly b: Numbers;
  readonly winner: "a" | "b" | "neither";
  readonly by?: string;
}[] = [
  { name: "equal runs", a: {}, b: {}, winner: "neither" },
  { name: "one failure against none", a: {}, b: { failed: 1 }, winner: "a", by: "harm" },
  { name: "a wrong answer is a failure", a: {}, b: { wrong: 1 }, winner: "a", by: "harm" },
  { name: "a broken WebSocket is one", a: { broken: 1 }, b: {}, winner: "b", by: "harm" },
  { name: "105 failures against 100", a: { failed: 105 }, b: { failed: 100 }, winner: "neither" },
  { name: "failures outweigh latency", a: { p99: 900 }, b: { failed: 2 }, winner: "a", by: "harm" },
  { name: "a p99 of 14 against 5 ms", a: { p99: 14 }, b: { p99: 5 }, winner: "neither" },
  { name: "a p99 of 16 against 5 ms", a: { p99: 16 }, b: { p99: 5 }, winner: "b", by: "p99" },
  { name: "a p99 of 480 against 400 ms", a: { p99: 480 }, b: { p99: 400 }, winner: "neither" },
  { name: "a worst of 60 against 20 ms", a: { worst: 60 }, b: {}, winner: "neither" },
  { name: "a worst of 3 s against 20 ms", a: { worst: 3_000 }, b: {}, winner: "b", by: "worst" },
  {
    name: "a p99 of 45 against 5 ms of a machine that was busy",
    a: { p99: 45, late: 20 },
    b: {},
    winner: "neither",
  },
  {
    name: "the p99 outweighs the worst",
    a: { p99: 100, worst: 100 },
    b: { worst: 3_000 },
    winner: "b",
    by: "p99",
  },
];

for (const { name, a, b, winner, by } of cases) {
  test(`compares ${name}`, () => {
    const [left, right] = [cell("kill", "a", a), cell("kill", "b", b)];
    const found = compare(left, right);
    assert.equal(Math.sign(found.order), { a: -1, b: 1, neither: 0 }[winner]);
    assert.equal(found.by, by);
    assert.equal(compare(right, left).order, found.order === 0 ? 0 : -found.order);
  });
}

test("the best of several is the one that fewest beat, of equals the first", () => {
  const cells = [
    cell("kill", "slow", { p99: 300 }),
    cell("kill", "first"),
    cell("kill", "second", { p99: 6 }),
    cell("kill", "failing", { failed: 1 }),
  ];
  assert.equal(bestOf(cells)?.product, "first");
  assert.equal(bestOf([]), undefined);
});
