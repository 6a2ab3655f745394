import { test } from "node:test";
import assert from "node:assert/strict";
import { createBoard, upstreamCounter, upstreamRow, type Board } from "../board/board.ts";
import type { UpstreamSnapshot } from "../snapshot/snapshot.ts";
import { createBreakers } from "./breakers.ts";

const error = { ratio: 0.5, minRequests: 10, windowMs: 10_000, openMs: 3000, halfOpenRequests: 2 };

function upstream(change: { slot?: number; off?: boolean; name?: string } = {}): UpstreamSnapshot {
  const breaker = { error: change.off === true ? undefined : error };
  return {
    name: change.name ?? "api",
    slot: change.slot ?? 2,
    breaker,
  } as unknown as UpstreamSnapshot;
}

function count(board: Board, requests: number, failures: number, slot = 2): void {
  const row = board.counters[0]!.upstream;
  const at = upstreamRow(slot);
  row[at + upstreamCounter.requests] = row[at + upstreamCounter.requests]! + requests;
  const failed = at + upstreamCounter.failedAttempts;
  row[failed] = row[failed]! + failures;
}

test("opens when enough of enough requests failed, for its time", () => {
  const board = createBoard(1);
  const breakers = createBreakers(board);
  const all = [upstream()];
  breakers.look(all, 0);
  count(board, 9, 9);
  assert.deepEqual(breakers.look(all, 1000), [], "too few");
  count(board, 11, 1);
  assert.deepEqual(breakers.look(all, 1250), [
    { upstream: "api", to: "open", reason: "10 of 20 requests failed" },
  ]);
  assert.equal(board.breakerState[2], 1);
  assert.equal(board.breakerOpenUntilMs[2], 4250);
});

test("failures older than the window don't count, nor does what was before the start", () => {
  const board = createBoard(1);
  count(board, 100, 100);
  const breakers = createBreakers(board);
  const all = [upstream()];
  breakers.look(all, 0);
  count(board, 9, 9);
  breakers.look(all, 1000);
  count(board, 9, 4);
  assert.deepEqual(breakers.look(all, 30_000), []);
});

test("tells what proxies did to it; old failures don't open it again", () => {
  const board = createBoard(1);
  const breakers = createBreakers(board);
  const all = [upstream()];
  breakers.look(all, 0);
  count(board, 20, 20);
  breakers.look(all, 250);
  board.breakerState[2] = 2;
  assert.equal(breakers.look(all, 4000)[0]?.to, "half_open");
  count(board, 2, 0);
  board.breakerState[2] = 0;
  assert.equal(breakers.look(all, 4250)[0]?.to, "closed");
  assert.deepEqual(breakers.look(all, 4500), []);
  assert.equal(board.breakerState[2], 0);
});

test("what a lost control thread left open stays open", () => {
  const board = createBoard(1);
  board.breakerState[2] = 1;
  createBreakers(board).look([upstream()], 0);
  assert.equal(board.breakerState[2], 1);
});

test("a new upstream in a used row starts closed; switched off means closed", () => {
  const board = createBoard(1);
  const breakers = createBreakers(board);
  breakers.look([upstream()], 0);
  board.breakerState[5] = 1;
  breakers.look([upstream(), upstream({ name: "new", slot: 5 })], 250);
  assert.equal(board.breakerState[5], 0);
  board.breakerState[2] = 1;
  breakers.look([upstream({ off: true })], 500);
  assert.equal(board.breakerState[2], 0);
});
