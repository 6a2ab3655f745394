import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createBoard, TAKES_BOUND, TAKES_NEW } from "../../board/board.ts";
import type { EndpointRuntime } from "./endpoint-runtime.ts";
import { loneGroup } from "../testing/lone-endpoint.ts";
import { snapshot } from "../testing/snapshot.ts";

const both = TAKES_NEW | TAKES_BOUND;

describe("picking an endpoint", () => {
  test("counts it in flight until it is settled, however it went", () => {
    const { group, board } = loneGroup({ endpoints: [1, 2] });
    const picked: EndpointRuntime[] = [];
    for (let n = 0; n < 6; n++) picked.push(group.pick("", undefined)!);
    assert.deepEqual([...board.inFlight.subarray(0, 2)], [3, 3]);
    assert.deepEqual([...board.counters[0]!.inFlight.subarray(0, 2)], [3, 3]);
    for (const [n, endpoint] of picked.entries()) {
      group.settle(endpoint, [true, false, undefined][n % 3], 100);
    }
    assert.deepEqual([...board.inFlight.subarray(0, 2)], [0, 0]);
    assert.deepEqual([...board.counters[0]!.inFlight.subarray(0, 2)], [0, 0]);
  });

  test("counts failures in a row, which one success ends", () => {
    const { group, board } = loneGroup({ endpoints: [1] });
    const settle = (went: boolean | undefined): void =>
      group.settle(group.pick("", undefined)!, went, 1);
    for (const went of [false, false, undefined, false]) settle(went);
    assert.equal(board.failuresInARow[0], 3);
    assert.equal(Atomics.load(board.attention, 0), 3);
    settle(true);
    assert.equal(board.failuresInARow[0], 0);
  });

  test("follows the board: closed, opened and weighed anew", () => {
    const { group, board } = loneGroup({ endpoints: [1, 2] });
    const pickSlots = (count: number): number[] =>
      Array.from({ length: count }, () => {
        const endpoint = group.pick("", undefined)!;
        group.settle(endpoint, undefined, 0);
        return endpoint.slot;
      });
    board.state[0] = 0;
    Atomics.add(board.generation, 0, 1);
    assert.deepEqual(pickSlots(3), [1, 1, 1]);
    board.state[1] = 0;
    Atomics.add(board.generation, 0, 1);
    assert.equal(group.pick("", undefined), undefined);
    assert.equal(group.isFull, false);
    board.state.fill(both, 0, 2);
    board.weight[0] = 3;
    Atomics.add(board.generation, 0, 1);
    assert.deepEqual(
      pickSlots(4).toSorted((a, b) => a - b),
      [0, 0, 0, 1],
    );
  });

  test("is full where max_conns is reached, not where failures hold endpoints back", () => {
    const busy = loneGroup({ endpoints: [{ port: 1, maxConns: 1 }] }).group;
    assert.equal(busy.isFull, false);
    const endpoint = busy.pick("", undefined)!;
    assert.equal(busy.isFull, true);
    busy.settle(endpoint, undefined, 0);
    assert.equal(busy.isFull, false);

    const held = { maxFails: 1, failTimeoutMs: 60_000 };
    const failing = loneGroup({
      endpoints: [
        { port: 1, ...held },
        { port: 2, ...held },
      ],
    }).group;
    for (const _ of [1, 2]) failing.settle(failing.pick("", undefined)!, false, 0);
    assert.equal(failing.pick("", undefined), undefined);
    assert.equal(failing.isFull, false);
  });

  test("takes backups only where no other is left, tried ones not at all", () => {
    const { group, board } = loneGroup({ endpoints: [1, { port: 2, backup: true }] });
    assert.equal(group.pick("", undefined)!.slot, 0);
    assert.equal(group.pick("", undefined)!.slot, 0);
    assert.equal(group.pick("", [0])!.slot, 1);
    assert.equal(group.pick("", [0, 1]), undefined);
    board.state[0] = 0;
    Atomics.add(board.generation, 0, 1);
    assert.equal(group.pick("", undefined)!.slot, 1);
  });

  test("keeps to max_conns exactly, over two proxies", () => {
    const board = createBoard(2);
    const parts = {
      endpoints: [
        { port: 1, maxConns: 2 },
        { port: 2, maxConns: 3 },
      ],
    };
    const groups = [loneGroup(parts, board).group, loneGroup(parts, board).group];
    const picked: EndpointRuntime[] = [];
    for (let n = 0; n < 20; n++) {
      const endpoint = groups[n % 2]!.pick("", undefined);
      if (endpoint !== undefined) picked.push(endpoint);
    }
    assert.deepEqual([...board.inFlight.subarray(0, 2)], [2, 3]);
    assert.equal(groups[0]!.pickBound(0), undefined);
    for (const endpoint of picked) endpoint.group.settle(endpoint, true, 1);
    assert.ok(groups[0]!.pickBound(0));
    assert.equal(board.lock[0], 0);
  });

  test("bounds a key's load by what is in flight at endpoints, not by who waits", () => {
    const balance = {
      policy: "hash",
      key: [{ kind: "path", name: "" }],
      algorithm: "maglev",
      boundedLoadPercent: 125,
    } as const;
    const { group, board } = loneGroup({ endpoints: [1, 2, 3], balance });
    // Twenty that wait for something else.
    for (let n = 0; n < 20; n++) group.enter();
    for (let n = 0; n < 12; n++) {
      group.enter();
      group.pick("/hot", undefined);
    }
    const loads = [...board.inFlight.subarray(0, 3)].toSorted((one, other) => one - other);
    assert.deepEqual(loads, [2, 5, 5]);
  });

  test("holds an endpoint back after max_fails, never one that is alone", () => {
    const failing = { port: 1, maxFails: 2, failTimeoutMs: 60_000 };
    const { group } = loneGroup({ endpoints: [failing, 2], balance: { policy: "first" } });
    for (let n = 0; n < 2; n++) {
      const endpoint = group.pick("", undefined)!;
      assert.equal(endpoint.slot, 0);
      group.settle(endpoint, false, 1);
    }
    assert.equal(group.pick("", undefined)!.slot, 1);

    const alone = loneGroup({ endpoints: [failing] }).group;
    for (let n = 0; n < 5; n++) alone.settle(alone.pick("", undefined)!, false, 1);
    assert.ok(alone.pick("", undefined));
  });
});

describe("the queue of a group", () => {
  const guest = { serve: () => false };
  const cases = [
    { name: "max_conns and a queue", maxConns: 1, max: 10, waits: true },
    { name: "max_conns without a queue", maxConns: 1, max: 0, waits: false },
    { name: "no max_conns", maxConns: 0, max: 10, waits: false },
  ];
  for (const { name, maxConns, max, waits } of cases) {
    test(`with ${name} ${waits ? "holds" : "does not hold"} back who comes to another proxy`, () => {
      const board = createBoard(2);
      const parts = { endpoints: [{ port: 1, maxConns }], queue: { max, timeoutMs: 1_000 } };
      const [here, there] = [0, 1].map((worker) => loneGroup(parts, board, worker).group);
      there!.waiting.add(guest);
      assert.equal(here!.hasQueue, waits);
      // There is a place, but not for who comes now.
      assert.equal(here!.isFull, waits);
      assert.equal(there!.hasQueue, true);
      there!.waiting.remove(guest);
      assert.deepEqual([here!.hasQueue, here!.isFull, there!.hasQueue], [false, false, false]);
    });
  }

  test("holds nobody back for a count that a dead proxy left behind", () => {
    const board = createBoard(2);
    const parts = { endpoints: [{ port: 1, maxConns: 1 }], queue: { max: 1, timeoutMs: 1_000 } };
    const { group } = loneGroup(parts, board);
    board.upstreamPending[0] = 1;
    assert.deepEqual([group.hasQueue, group.isFull], [false, false]);
  });

  test("knows of endpoints that are back before anybody picked one", () => {
    const board = createBoard(2);
    const parts = { endpoints: [{ port: 1, maxConns: 1 }], queue: { max: 1, timeoutMs: 1_000 } };
    const { group } = loneGroup(parts, board, 1);
    board.state[0] = 0;
    assert.equal(group.pick("", undefined), undefined);
    board.state[0] = both;
    Atomics.add(board.generation, 0, 1);
    const other = loneGroup(parts, board, 0).group;
    other.pick("", undefined);
    assert.equal(group.isFull, true);
  });
});

describe("a bound client", () => {
  const states = [
    { name: "open", state: both, served: true },
    { name: "draining", state: TAKES_BOUND, served: true },
    { name: "out", state: 0, served: false },
  ];
  for (const { name, state, served } of states) {
    test(`is ${served ? "" : "not "}served by an endpoint that is ${name}`, () => {
      const { group, board } = loneGroup({ endpoints: [1, 2] });
      board.state[1] = state;
      Atomics.add(board.generation, 0, 1);
      const endpoint = group.pickBound(1);
      assert.equal(endpoint?.slot, served ? 1 : undefined);
      assert.equal(board.inFlight[1], served ? 1 : 0);
    });
  }

  test("of an endpoint that is not named any more is nobody's", () => {
    const { group } = loneGroup({ endpoints: [1] });
    assert.equal(group.pickBound(7), undefined);
  });
});

describe("the retry budget of a group", () => {
  test("gives what the minimum allows, and all counts back", () => {
    const { group, board } = loneGroup({
      endpoints: [1],
      retryBudget: { percent: 0, min: 2 },
    });
    assert.deepEqual(
      [group.takeRetry(), group.takeRetry(), group.takeRetry()],
      [true, true, false],
    );
    assert.equal(board.upstreamRetrying[0], 2);
    group.retryDone();
    group.retryDone();
    assert.equal(board.upstreamRetrying[0], 0);
  });

  test("grows with the requests of the window", () => {
    const { group } = loneGroup({ endpoints: [1], retryBudget: { percent: 20, min: 0 } });
    assert.equal(group.takeRetry(), false);
    for (let n = 0; n < 10; n++) group.enter();
    assert.deepEqual(
      [group.takeRetry(), group.takeRetry(), group.takeRetry()],
      [true, true, false],
    );
  });
});

describe("new settings of a group", () => {
  test("keep the pools of endpoints that stay and count statuses anew", () => {
    const parts = { endpoints: [1, 2], failureStatuses: [500] };
    const { group } = loneGroup(parts);
    const kept = group.pick("", undefined)!;
    assert.ok(group.countsAsFailure(500));
    const next = snapshot({ upstreams: [{ endpoints: [1], failureStatuses: [503] }] });
    group.update(next.upstreams[0]!, "secret");
    assert.equal(group.pick("", undefined), kept);
    assert.ok(!group.countsAsFailure(500));
    assert.ok(group.countsAsFailure(503));
    assert.equal(group.pickBound(1), undefined);
  });
});
