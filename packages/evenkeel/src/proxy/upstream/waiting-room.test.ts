import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { waitFor } from "../../../../../test/support/wait-for.ts";
import { createBoard } from "../../board/board.ts";
import { WaitingRoom, type Waiting } from "./waiting-room.ts";

const SLOT = 1;
const board = () => createBoard(2);
const room = (shared: ReturnType<typeof createBoard>, worker = 0): WaitingRoom =>
  new WaitingRoom(shared, shared.counters[worker]!, SLOT, () => {});

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
