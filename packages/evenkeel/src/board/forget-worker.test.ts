import { test } from "node:test";
import assert from "node:assert/strict";
import { createBoard, workerGauge } from "./board.ts";
import { forgetWorker } from "./forget-worker.ts";

test("a dead proxy's share leaves the totals, the others' stays", () => {
  const board = createBoard(2);
  const [dead, alive] = board.counters;
  board.inFlight[7] = 5;
  dead!.inFlight[7] = 3;
  alive!.inFlight[7] = 2;
  board.upstreamInFlight[1] = 5;
  dead!.upstreamInFlight[1] = 3;
  board.upstreamPending[1] = 2;
  dead!.upstreamPending[1] = 2;
  board.upstreamRetrying[1] = 1;
  dead!.upstreamRetrying[1] = 1;
  board.upstreamConnections[1] = 9;
  dead!.upstreamConnections[1] = 4;

  forgetWorker(board, 0);

  assert.equal(board.inFlight[7], 2);
  assert.equal(board.upstreamInFlight[1], 2);
  assert.equal(board.upstreamPending[1], 0);
  assert.equal(board.upstreamRetrying[1], 0);
  assert.equal(board.upstreamConnections[1], 5);
  assert.equal(dead!.inFlight[7], 0);
  assert.equal(alive!.inFlight[7], 2);
  assert.ok(board.upstreamFreed[1]! > 0, "queues were woken");

  forgetWorker(board, 0);
  assert.equal(board.inFlight[7], 2, "a second call changes nothing");
});

test("nobody waits behind a request that died with its proxy", () => {
  const board = createBoard(2);
  const [dead, alive] = board.counters;
  board.upstreamPending[4] = 2;
  board.upstreamWanted[4] = 1;
  board.upstreamWanted[5] = 2;
  dead!.upstreamPending[4] = 1;
  dead!.upstreamWaiting[4] = 1;
  alive!.upstreamWaiting[4] = 2;
  forgetWorker(board, 0);
  assert.equal(dead!.upstreamWaiting[4], 0);
  assert.equal(alive!.upstreamWaiting[4], 2);
  assert.deepEqual([board.upstreamWanted[4], board.upstreamWanted[5]], [0, 2]);
  assert.equal(board.upstreamPending[4], 1);
  assert.equal(board.upstreamFreed[4], 1, "its queue was woken");
});

test("gauges end with the proxy, totals go on", () => {
  const board = createBoard(1);
  const row = board.counters[0]!.worker;
  row[workerGauge.clientConnections] = 12;
  row[workerGauge.clientConnectionsTotal] = 99;
  row[workerGauge.sampledAtMs] = 5;
  forgetWorker(board, 0);
  assert.equal(row[workerGauge.clientConnections], 0);
  assert.equal(row[workerGauge.sampledAtMs], 0);
  assert.equal(row[workerGauge.clientConnectionsTotal], 99);
});

test("a worker that never was is nothing to forget", () => {
  assert.doesNotThrow(() => forgetWorker(createBoard(1), 3));
});
