import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard, upstreamCounter, upstreamRow } from "../../board/board.ts";
import { createRetryWindow } from "./retry-window.ts";

const SLOT = 2;

describe("the retry window", () => {
  const count = (board: ReturnType<typeof createBoard>, worker: number, requests: number): void => {
    board.counters[worker]!.upstream[upstreamRow(SLOT) + upstreamCounter.requests]! += requests;
    board.counters[worker]!.upstream[upstreamRow(SLOT) + upstreamCounter.retries]! += requests / 2;
  };

  test("begins empty, whatever was counted before", () => {
    const board = createBoard(1);
    count(board, 0, 100);
    const window = createRetryWindow(board, SLOT);
    assert.equal(window.requests(), 0);
    assert.equal(window.retries(), 0);
  });

  test("counts all proxies together, at once", () => {
    const board = createBoard(2);
    const window = createRetryWindow(board, SLOT);
    count(board, 0, 10);
    count(board, 1, 4);
    assert.equal(window.requests(), 14);
    assert.equal(window.retries(), 7);
  });

  test("forgets what is older than ten seconds, and not what is younger", () => {
    const board = createBoard(1);
    const window = createRetryWindow(board, SLOT);
    count(board, 0, 10);
    window.sample();
    count(board, 0, 2);
    for (let second = 1; second < 10; second++) {
      assert.equal(window.requests(), 12, `after ${second} s`);
      window.sample();
    }
    assert.equal(window.requests(), 2);
    window.sample();
    assert.equal(window.requests(), 0);
  });
});
