import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard, type Board } from "../../board/board.ts";
import { ConnectionBound, type IdlePool } from "./connection-bound.ts";

const SLOT = 2;

/** Idle connections by the time since which they are; `closed` is told by the test. */
class Pool implements IdlePool {
  readonly idle: { readonly since: number }[];
  readonly closing: object[] = [];

  constructor(...since: number[]) {
    this.idle = since.map((one) => ({ since: one }));
  }

  get idleSinceMs(): number {
    return this.idle[0]?.since ?? Infinity;
  }

  closeColdest(): object | undefined {
    const connection = this.idle.shift();
    if (connection !== undefined) this.closing.push(connection);
    return connection;
  }
}

/** A proxy's bound; connections count as they do in a proxy. */
function proxy(board: Board, worker: number, max: number, pools: Pool[] = []) {
  const bound = new ConnectionBound(board, worker, SLOT, () => pools);
  bound.max = max;
  for (const { idle } of pools) board.upstreamConnections[SLOT]! += idle.length;
  return {
    bound,
    dial: (): boolean => {
      if (!bound.reserve()) return false;
      board.upstreamConnections[SLOT]!++;
      bound.dialled();
      return true;
    },
    /** Those that were closed are gone. */
    settle: (): void => {
      for (const { closing } of pools) {
        for (const connection of closing.splice(0)) {
          bound.closed(connection);
          board.upstreamConnections[SLOT]!--;
        }
      }
    },
  };
}

describe("the bound on connections", () => {
  test("is exact over proxies", () => {
    const board = createBoard(2);
    const [one, other] = [proxy(board, 0, 3), proxy(board, 1, 3)];
    const dialled = [one, other, one, other, one].map((each) => each.dial());
    assert.deepEqual(dialled, [true, true, true, false, false]);
    assert.equal(board.upstreamConnections[SLOT], 3);
  });

  test("is none where it is off", () => {
    const board = createBoard(1);
    const { dial, bound } = proxy(board, 0, 0, [new Pool(1)]);
    for (let n = 0; n < 5; n++) assert.ok(dial());
    board.upstreamWanted[SLOT] = 7;
    bound.makeWay();
    assert.equal(bound.takesNext(), false);
    assert.equal(board.upstreamConnections[SLOT], 6);
  });

  test("closes the own one that is idle longest, each for one that is dialled", () => {
    const board = createBoard(1);
    const pools = [new Pool(5, 9), new Pool(), new Pool(3)];
    const own = proxy(board, 0, 3, pools);
    assert.ok(own.dial());
    assert.deepEqual(
      pools.map(({ idle }) => idle.length),
      [2, 0, 0],
    );
    // The closed one still counts on the board, not here.
    assert.ok(own.dial());
    assert.deepEqual(pools[0]!.idle, [{ since: 9 }]);
    own.settle();
    assert.equal(board.upstreamConnections[SLOT], 3);
    assert.ok(own.dial());
    assert.equal(own.dial(), false, "all are in use");
  });

  test("closes as many as a lowered bound wants", () => {
    const board = createBoard(1);
    const pool = new Pool(1, 2, 3, 4);
    const own = proxy(board, 0, 2, [pool]);
    assert.ok(own.dial());
    own.settle();
    assert.equal(board.upstreamConnections[SLOT], 2);
  });

  test("passes by an endpoint whose idle ones are closing anyway", () => {
    const board = createBoard(1);
    const closing = new Pool(1);
    closing.closeColdest = () => void closing.idle.shift();
    assert.ok(proxy(board, 0, 2, [closing, new Pool(2)]).dial());
    assert.equal(proxy(board, 0, 2, [closing]).dial(), false);
  });

  test("asks another proxy for an idle one, which closes one only", () => {
    const board = createBoard(3);
    const pools = [new Pool(1, 2), new Pool(1)];
    const idle = [proxy(board, 0, 3, [pools[0]!]), proxy(board, 1, 3, [pools[1]!])];
    const { bound, dial } = proxy(board, 2, 3);
    assert.equal(dial(), false);
    assert.equal(bound.ask(0), true);
    assert.equal(board.published[0], 1);
    assert.equal(bound.ask(0), true);
    assert.equal(board.published[0], 1, "told once");
    bound.makeWay();
    for (const each of idle) each.bound.makeWay();
    assert.deepEqual([pools[0]!.idle.length, pools[1]!.idle.length], [1, 1]);
    assert.equal(dial(), false, "it is not gone yet");
    idle[0]!.settle();
    assert.ok(dial());
  });

  test("takes the next that would be idle where none is", () => {
    const board = createBoard(2);
    const busy = proxy(board, 0, 1);
    assert.ok(busy.dial());
    const { bound } = proxy(board, 1, 1);
    assert.equal(bound.ask(0), true);
    busy.bound.makeWay();
    assert.equal(bound.takesNext(), false, "not its own");
    assert.equal(busy.bound.takesNext(), true);
    assert.equal(busy.bound.takesNext(), false, "once");
  });

  test("asks for nothing where all are in use, nor once it has what it needs", () => {
    const board = createBoard(2);
    const [one, other] = [proxy(board, 0, 1), proxy(board, 1, 1)];
    assert.ok(one.dial());
    assert.equal(other.bound.ask(1), false);
    assert.equal(board.upstreamWanted[SLOT], 0);
    assert.equal(other.bound.ask(0), true);
    board.upstreamConnections[SLOT] = 0;
    assert.ok(other.dial());
    assert.equal(board.upstreamWanted[SLOT], 0);
  });
});
