import assert from "node:assert/strict";
import { test } from "node:test";

import { cell, resultsOf } from "./testing/made-up.ts";
import { bars, judge, lossesOf, lossesOfBest, type Results } from "./verdicts.ts";

function verdictOf(results: Results, bar: string, variant: string) {
  return judge(results).find((one) => one.bar === bar && one.variant === variant);
}

test("a failure in a scenario that can be survived misses the first bar, for that variant", () => {
  const results = resultsOf([
    cell("kill", "evenkeel-rr", { failed: 3 }),
    cell("kill", "evenkeel-hedge"),
  ]);
  assert.equal(verdictOf(results, bars.noFailure, "evenkeel-rr")?.met, false);
  assert.deepEqual(verdictOf(results, bars.noFailure, "evenkeel-rr")?.misses, [
    "kill: 3 failed, 0 wrong",
  ]);
  assert.equal(verdictOf(results, bars.noFailure, "evenkeel-hedge")?.met, true);
});

test("wrong answers and broken long connections miss it, too", () => {
  for (const numbers of [{ wrong: 1 }, { broken: 1 }]) {
    const results = resultsOf([cell("kill", "evenkeel-rr", numbers)]);
    assert.equal(verdictOf(results, bars.noFailure, "evenkeel-rr")?.met, false);
  }
});

test("failures while nobody is sound are not judged", () => {
  const results = resultsOf([cell("dead", "evenkeel-rr", { failed: 900 })]);
  assert.equal(verdictOf(results, bars.noFailure, "evenkeel-rr")?.met, undefined);
});

test("the p99 is held against HAProxy's least connections where one instance is sluggish", () => {
  const against = (p99: number) =>
    verdictOf(
      resultsOf([cell("stop", "evenkeel-rr", { p99 }), cell("stop", "haproxy-lc", { p99: 6 })]),
      bars.leastConnections,
      "evenkeel-rr",
    )?.met;
  assert.equal(against(9), true);
  assert.equal(against(3_000), false);
  const alone = resultsOf([cell("stop", "evenkeel-rr", { p99: 3_000 })]);
  assert.equal(verdictOf(alone, bars.leastConnections, "evenkeel-rr")?.met, undefined);
});

test("hedging is judged by its p99.9 and its worst, of variants that hedge only", () => {
  const judged = (p999: number, worst: number) =>
    verdictOf(
      resultsOf([cell("stop", "evenkeel-hedge", { p999, worst })]),
      bars.hedging,
      "evenkeel-hedge",
    )?.met;
  assert.equal(judged(99, 999), true);
  assert.equal(judged(100, 500), false);
  assert.equal(judged(50, 1_000), false);
  const plain = resultsOf([cell("stop", "evenkeel-rr")]);
  assert.equal(verdictOf(plain, bars.hedging, "evenkeel-rr"), undefined);
});

test("best or equal best is asked of the best variant, losses are told of each", () => {
  const results = resultsOf([
    cell("stop", "evenkeel-rr", { p99: 3_000 }),
    cell("stop", "evenkeel-hedge"),
    cell("stop", "haproxy-lc", { p99: 8 }),
    cell("stop", "nginx-rr", { p99: 3_000 }),
  ]);
  assert.equal(verdictOf(results, bars.best, "the best variant")?.met, true);
  assert.deepEqual(lossesOfBest(results), []);
  const [rr] = results.products;
  assert.deepEqual(
    lossesOf(results, rr!).map(({ theirs, by }) => [theirs.product, by]),
    [["haproxy-lc", "p99"]],
  );
});

test("a peer that is better than every variant is a loss", () => {
  const results = resultsOf([
    cell("kill", "evenkeel-rr", { failed: 2 }),
    cell("kill", "evenkeel-hedge", { failed: 1 }),
    cell("kill", "nginx-rr"),
  ]);
  const verdict = verdictOf(results, bars.best, "the best variant");
  assert.equal(verdict?.met, false);
  assert.deepEqual(verdict?.misses, ["kill: better is nginx-rr"]);
  assert.equal(lossesOfBest(results)[0]?.ours.product, "evenkeel-hedge");
});

test("without a peer nobody is best", () => {
  const results = resultsOf([cell("kill", "evenkeel-rr")]);
  assert.equal(verdictOf(results, bars.best, "the best variant")?.met, undefined);
});
