import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard } from "../../board/board.ts";
import { passBreaker, settleProbe } from "./upstream-breaker.ts";

const SLOT = 3;
const OPEN_MS = 1_000;
const settings = { openMs: OPEN_MS, halfOpenRequests: 2 };

function breaker(state = 0, openUntilMs = 0) {
  const board = createBoard(1);
  board.breakerState[SLOT] = state;
  board.breakerOpenUntilMs[SLOT] = openUntilMs;
  return {
    board,
    pass: (nowMs: number) => passBreaker(board, SLOT, settings, nowMs),
    settle: (went: boolean | undefined, nowMs: number) =>
      settleProbe(board, SLOT, settings, went, nowMs),
    get state() {
      return board.breakerState[SLOT];
    },
  };
}

describe("an upstream's breaker", () => {
  test("closed lets everything pass and settles nothing", () => {
    const one = breaker();
    assert.equal(one.pass(5), "closed");
    one.settle(false, 5);
    assert.equal(one.state, 0);
    assert.equal(one.board.breakerProbes[SLOT], 0);
  });

  test("open refuses until its time is over, then lets so many probes through", () => {
    const one = breaker(1, 100);
    assert.equal(one.pass(99), "refused");
    assert.equal(one.pass(100), "probe");
    assert.equal(one.state, 2);
    assert.equal(one.pass(100), "probe");
    assert.equal(one.pass(100), "refused");
    assert.equal(one.board.breakerProbes[SLOT], 2);
  });

  test("does not stay open for as long as the clock was set back", () => {
    const one = breaker(1, 3_600_000 + OPEN_MS);
    assert.equal(one.pass(3_599_000), "refused"); // Another thread's clock, a little behind.
    assert.equal(one.pass(0), "probe");
    assert.equal(one.state, 2);
    one.settle(true, 0);
    assert.equal(one.pass(0), "probe");
    one.settle(true, 0);
    assert.equal(one.state, 0);
  });

  test("closes once all probes went well", () => {
    const one = breaker(1, 100);
    one.pass(100);
    one.pass(100);
    one.settle(true, 101);
    assert.equal(one.state, 2);
    assert.equal(one.pass(101), "refused");
    one.settle(true, 102);
    assert.equal(one.state, 0);
    assert.equal(one.pass(102), "closed");
  });

  test("opens again for its time with the first probe that failed", () => {
    const one = breaker(1, 100);
    one.pass(100);
    one.pass(100);
    one.settle(false, 150);
    assert.equal(one.state, 1);
    one.settle(true, 151);
    assert.equal(one.state, 1);
    assert.equal(one.pass(149 + OPEN_MS), "refused");
    assert.equal(one.pass(150 + OPEN_MS), "probe");
  });

  test("gives the place of a probe that says nothing to another", () => {
    const one = breaker(1, 100);
    one.pass(100);
    one.pass(100);
    one.settle(undefined, 101);
    assert.equal(one.pass(102), "probe");
    assert.equal(one.pass(102), "refused");
  });

  test("half open starts over when its probes were lost", () => {
    const one = breaker(1, 100);
    one.pass(100);
    one.pass(100);
    assert.equal(one.pass(99 + OPEN_MS), "refused");
    assert.equal(one.pass(100 + OPEN_MS), "probe");
    assert.equal(one.pass(100 + OPEN_MS), "probe");
    assert.equal(one.pass(100 + OPEN_MS), "refused");
  });
});
