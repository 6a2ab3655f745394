import assert from "node:assert/strict";
import { mock, test, type TestContext } from "node:test";

import { TAKES_BOUND, TAKES_NEW, type Board } from "../board/board.ts";
import { loneGroup } from "./testing/lone-endpoint.ts";
import type { UpstreamGroup } from "./upstream/upstream-group.ts";

const hash = {
  policy: "hash",
  key: [{ kind: "client", name: "" }],
  algorithm: "maglev",
  boundedLoadPercent: 0,
} as const;

function group(t: TestContext): { group: UpstreamGroup; board: Board; share: () => number } {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const made = loneGroup({ endpoints: [1, 2], balance: hash });
  /** How many of a thousand keys go to the first endpoint. */
  const share = (): number => {
    let first = 0;
    for (let key = 0; key < 1_000; key++) {
      const endpoint = made.group.pick(`key ${key}`, undefined)!;
      made.group.settle(endpoint, undefined, 0);
      if (endpoint.slot === 0) first++;
    }
    return first;
  };
  return { ...made, share };
}

function weigh(board: Board, weight: number): void {
  board.weight[0] = weight;
  Atomics.add(board.generation, 0, 1);
}

test("a hash table follows weights at most every 250 ms, and always in the end", (t) => {
  const { board, share } = group(t);
  const even = share();
  weigh(board, 9);
  assert.equal(share(), even);
  mock.timers.tick(200);
  weigh(board, 99);
  assert.equal(share(), even);
  mock.timers.tick(50);
  const heavy = share();
  assert.ok(heavy > 950, `${heavy} of 1000 for 99 parts of 100`);
  weigh(board, 1);
  assert.equal(share(), heavy);
  mock.timers.tick(250);
  assert.equal(share(), even);
});

test("a hash table follows who is eligible at once", (t) => {
  const { board, share } = group(t);
  assert.ok(share() < 1_000);
  board.state[1] = 0;
  Atomics.add(board.generation, 0, 1);
  assert.equal(share(), 1_000);
  board.state[1] = TAKES_NEW | TAKES_BOUND;
  Atomics.add(board.generation, 0, 1);
  assert.ok(share() < 1_000);
});

test("a hash table follows new settings at once", (t) => {
  const { group: one, board, share } = group(t);
  const even = share();
  weigh(board, 9);
  assert.equal(share(), even);
  one.update({ ...one.snapshot }, "secret");
  const heavy = share();
  assert.notEqual(heavy, even);
});

test("a change of eligibility shows the weights that waited", (t) => {
  const { board, share } = group(t);
  share();
  weigh(board, 99);
  share();
  board.state[1] = 0;
  Atomics.add(board.generation, 0, 1);
  share();
  board.state[1] = TAKES_NEW | TAKES_BOUND;
  Atomics.add(board.generation, 0, 1);
  const heavy = share();
  assert.ok(heavy > 950 && heavy < 1_000, `${heavy} of 1000 for 99 parts of 100`);
});
