import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import * as fc from "fast-check";

import { waitFor } from "../../../../../test/support/wait-for.ts";
import { createBoard, type Board } from "../../board/board.ts";
import { forgetWorker } from "../../board/forget-worker.ts";
import { WaitingRoom, type Waiting } from "./waiting-room.ts";

const SLOT = 1;
const board = () => createBoard(2);
const room = (shared: Board, worker = 0, quietMs?: number): WaitingRoom =>
  new WaitingRoom({
    board: shared,
    worker,
    slot: SLOT,
    tick: () => {},
    isScarce: () => true,
    ...(quietMs === undefined ? {} : { quietMs }),
  });

/** Somebody who waits until `open` says there is room; notes when served. */
function guest(name: string, served: string[], open: { room: number }): Waiting {
  return {
    serve() {
      if (open.room === 0) return false;
      open.room--;
      served.push(name);
      return true;
    },
  };
}

describe("a waiting room", () => {
  test("serves from the front as far as there is room", () => {
    const shared = board();
    const waiting = room(shared);
    const served: string[] = [];
    const open = { room: 0 };
    for (const name of ["a", "b", "c"]) waiting.add(guest(name, served, open));
    assert.equal(waiting.length, 3);
    assert.equal(waiting.total, 3);
    waiting.pump();
    assert.deepEqual(served, []);
    open.room = 2;
    waiting.freed();
    assert.deepEqual(served, ["a", "b"]);
    assert.equal(waiting.total, 1);
    open.room = 1;
    waiting.freed();
    assert.equal(waiting.total, 0);
    assert.equal(shared.counters[0]!.upstreamPending[SLOT], 0);
  });

  test("lets anybody leave, and ignores who is not there", () => {
    const shared = board();
    const waiting = room(shared);
    const served: string[] = [];
    const open = { room: 0 };
    const [a, b] = ["a", "b"].map((name) => guest(name, served, open));
    waiting.add(a!);
    waiting.add(b!);
    waiting.remove(a!);
    waiting.remove(a!);
    assert.equal(waiting.total, 1);
    open.room = 2;
    waiting.freed();
    assert.deepEqual(served, ["b"]);
    assert.equal(waiting.total, 0);
  });

  test("is not confused by who leaves, or frees more room, while being served", () => {
    const shared = board();
    const waiting = room(shared);
    const served: string[] = [];
    const open = { room: 1 };
    const first: Waiting = {
      serve() {
        served.push("first");
        waiting.remove(first);
        waiting.freed();
        return true;
      },
    };
    waiting.add(first);
    waiting.add(guest("second", served, open));
    waiting.freed();
    assert.deepEqual(served, ["first", "second"]);
    assert.equal(waiting.total, 0);
  });

  test("serves who comes at once where room was freed meanwhile", () => {
    const shared = board();
    const waiting = room(shared);
    const served: string[] = [];
    waiting.add(guest("a", served, { room: 1 }));
    assert.deepEqual(served, ["a"]);
    assert.equal(waiting.total, 0);
  });

  test("hears of room that another proxy freed", async () => {
    const shared = board();
    const mine = room(shared, 0);
    const theirs = room(shared, 1);
    const served: string[] = [];
    const open = { room: 0 };
    mine.add(guest("a", served, open));
    assert.equal(theirs.total, 1);
    open.room = 1;
    theirs.freed();
    await waitFor("the guest to be served", () => served.length === 1, { withinMs: 900 });
    assert.equal(mine.total, 0);
  });
});

describe("waiting rooms of several proxies", () => {
  test("serve whoever waited longest in any of them", async () => {
    const shared = board();
    const rooms = [room(shared, 0), room(shared, 1)];
    const served: string[] = [];
    const open = { room: 0 };
    for (const [n, name] of ["a", "b", "c", "d"].entries()) {
      rooms[n < 3 ? 1 : 0]!.add(guest(name, served, open));
    }
    for (let n = 1; n <= 4; n++) {
      open.room = 1;
      // Always freed in the one that waits last.
      rooms[0]!.freed();
      await waitFor("somebody to be served", () => served.length === n, { withinMs: 5_000 });
    }
    assert.deepEqual(served, ["a", "b", "c", "d"]);
  });

  test("tell each other of room that is left, whichever wakes first", async () => {
    const shared = createBoard(3);
    const [early, late, freeing] = [0, 1, 2].map((worker) => room(shared, worker, Infinity));
    const served: string[] = [];
    const open = { room: 0 };
    const gone = guest("gone", served, open);
    // So that it listens first, and wakes first.
    early!.add(gone);
    late!.add(guest("a", served, open));
    early!.remove(gone);
    early!.add(guest("b", served, open));
    open.room = 2;
    freeing!.freed();
    await waitFor("both", () => served.length === 2);
    assert.deepEqual(served, ["a", "b"]);
  });

  test("are told when the one who was next has left", async () => {
    const shared = board();
    const [first, second] = [room(shared, 0, Infinity), room(shared, 1, Infinity)];
    const served: string[] = [];
    const open = { room: 0 };
    const leaving = guest("leaving", served, open);
    first.add(leaving);
    second.add(guest("b", served, open));
    open.room = 1;
    first.remove(leaving);
    await waitFor("the other", () => served.length === 1);
    assert.deepEqual(served, ["b"]);
  });

  test("do not wait for one that died with the oldest", async () => {
    const shared = board();
    const served: string[] = [];
    const open = { room: 0 };
    room(shared, 0).add(guest("dead", [], { room: 0 }));
    const mine = room(shared, 1, Infinity);
    mine.add(guest("mine", served, open));
    open.room = 1;
    mine.freed();
    assert.deepEqual(served, [], "not its turn");
    forgetWorker(shared, 0);
    await waitFor("its turn", () => served.length === 1);
  });

  test("pass by one that does not take what is free, until it does", async () => {
    const shared = board();
    const served: string[] = [];
    const open = { room: 0 };
    let hangs = true;
    const theirs = room(shared, 0, Infinity);
    theirs.add({ serve: () => !hangs && guest("theirs", served, open).serve() });
    const mine = room(shared, 1, 20);
    for (const name of ["mine", "too", "last"]) mine.add(guest(name, served, open));
    open.room = 1;
    mine.freed();
    await waitFor("the first of mine", () => served.length === 1);
    // It is known by now, so that the next need not wait for it.
    open.room = 1;
    mine.freed();
    assert.deepEqual(served, ["mine", "too"]);
    hangs = false;
    open.room = 2;
    theirs.freed();
    await waitFor("all", () => served.length === 4);
    assert.deepEqual(served, ["mine", "too", "theirs", "last"]);
  });

  test("where room is no matter, serve all of their own at once", () => {
    const shared = board();
    const plenty = (worker: number): WaitingRoom =>
      new WaitingRoom({
        board: shared,
        worker,
        slot: SLOT,
        tick: () => {},
        isScarce: () => false,
      });
    const [older, newer] = [plenty(0), plenty(1)];
    const served: string[] = [];
    const open = { room: 0 };
    older.add(guest("older", served, open));
    newer.add(guest("newer", served, open));
    open.room = 2;
    newer.pump();
    assert.deepEqual(served, ["newer"]);
  });

  test("tickets wrap without a change of order", () => {
    const shared = board();
    shared.upstreamTicket[SLOT] = 0x7fff_fffe;
    const rooms = [room(shared, 0), room(shared, 1)];
    const served: string[] = [];
    const open = { room: 0 };
    for (let n = 0; n < 4; n++) rooms[n % 2]!.add(guest(String(n), served, open));
    open.room = 1;
    rooms[1]!.pump();
    assert.deepEqual(served, []);
    rooms[0]!.pump();
    assert.deepEqual(served, ["0"]);
  });

  // Arrivals, departures and ends of service in any order, with and without the time that a wake-up
  // takes; nobody looks again by itself, so that a lost wake-up shows.
  test("whatever happens, serve in the order of arrival and leave no room unused", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("arrive"), at: fc.nat(2) }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("finish"), at: fc.nat(9) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("leave"), at: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("turn"), at: fc.constant(0) }) },
    );
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, places) => {
        const shop = new Shop(places);
        for (const { kind, at } of steps) {
          if (kind === "arrive") shop.arrive(at);
          else if (kind === "finish") shop.finish(at);
          else if (kind === "leave") shop.leave(at);
          else await nextTurn();
        }
        await shop.settled();
        while (shop.finish(0)) await shop.settled();
        assert.deepEqual(shop.served, shop.expected);
        assert.equal(shop.shared.upstreamPending[SLOT], 0);
        for (const { upstreamWaiting } of shop.shared.counters) {
          assert.equal(upstreamWaiting[SLOT], 0);
        }
      },
    );
    await fc.assert(property, { seed: 7, numRuns: 150 });
  });
});

/** Some places that the guests of three rooms take and give back. */
class Shop {
  readonly shared = createBoard(3);
  readonly served: number[] = [];
  /** Who arrived and did not leave unserved, in that order. */
  expected: number[] = [];
  readonly #rooms = [0, 1, 2].map((worker) => room(this.shared, worker, Infinity));
  readonly #waiting: { readonly id: number; readonly at: number; readonly guest: Waiting }[] = [];
  /** The rooms of those who are being served. */
  readonly #busy: number[] = [];
  readonly #places: number;
  #arrived = 0;

  constructor(places: number) {
    this.#places = places;
  }

  arrive(at: number): void {
    const id = this.#arrived++;
    this.expected.push(id);
    const guest: Waiting = { serve: () => this.#serve(id, at) };
    // As a group does: nobody tries before those who wait.
    if (this.#rooms[at]!.total === 0 && guest.serve()) return;
    this.#waiting.push({ id, at, guest });
    this.#rooms[at]!.add(guest);
  }

  /** False where nobody is being served. */
  finish(which: number): boolean {
    const [at] = this.#busy.splice(which % (this.#busy.length || 1), 1);
    if (at === undefined) return false;
    this.#rooms[at]!.freed();
    return true;
  }

  leave(which: number): void {
    const left = this.#waiting.splice(which % (this.#waiting.length || 1), 1)[0];
    if (left === undefined) return;
    this.expected = this.expected.filter((id) => id !== left.id);
    this.#rooms[left.at]!.remove(left.guest);
  }

  /** Resolves when all places are taken or nobody waits. */
  async settled(): Promise<void> {
    await waitFor(
      "places to be used",
      () => this.#busy.length === this.#places || this.#waiting.length === 0,
    );
  }

  #serve(id: number, at: number): boolean {
    if (this.#busy.length >= this.#places) return false;
    this.#busy.push(at);
    this.served.push(id);
    const waited = this.#waiting.findIndex((one) => one.id === id);
    if (waited >= 0) this.#waiting.splice(waited, 1);
    return true;
  }
}
