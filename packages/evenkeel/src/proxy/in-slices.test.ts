import assert from "node:assert/strict";
import { test } from "node:test";
import { inSlices } from "./in-slices.ts";

function* count(steps: number): Generator<undefined, number> {
  for (let step = 0; step < steps; step++) yield;
  return steps;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("short work is done before the call returns", () => {
  const results: number[] = [];
  inSlices(count(20), 1000, (result) => results.push(result));
  assert.deepEqual(results, [20]);
});

test("long work leaves turns to others and ends all the same", { timeout: 10_000 }, async () => {
  const ended = Promise.withResolvers<number>();
  let turns = 0;
  const countTurns = (): void => {
    turns++;
    counting = setImmediate(countTurns);
  };
  let counting = setImmediate(countTurns);
  inSlices(count(160), 0, ended.resolve);
  assert.equal(await ended.promise, 160);
  clearImmediate(counting);
  assert.ok(turns >= 9, `${turns} turns for ten slices`);
});

test("abandoned work is never done", async () => {
  const results: number[] = [];
  const abandon = inSlices(count(32), 0, (result) => results.push(result));
  abandon();
  for (let turns = 0; turns < 5; turns++) await turn();
  assert.deepEqual(results, []);
});

test("what the first slice throws is thrown by the call", () => {
  const work = {
    next(): IteratorResult<undefined, number> {
      throw new Error("malformed");
    },
  };
  assert.throws(() => inSlices(work, 1, () => undefined), /malformed/);
});
