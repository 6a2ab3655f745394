import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createBoard } from "../board/board.ts";
import { createAttention } from "./attention.ts";
import { createFakeClock } from "./testing/fake-clock.ts";

const EVERY_MS = 1000;
const GAP_MS = 20;

function createRig() {
  const board = createBoard(1);
  const clock = createFakeClock();
  const looks: number[] = [];
  const start = clock.monotonicMs();
  const attention = createAttention({
    board,
    timers: clock,
    everyMs: EVERY_MS,
    gapMs: GAP_MS,
    look: () => looks.push(clock.monotonicMs() - start),
  });
  const shout = (): void => {
    Atomics.add(board.attention, 0, 1);
    Atomics.notify(board.attention, 0);
  };
  return { board, clock, looks, attention, shout };
}

describe("attention", () => {
  test("looks every second without being asked", async () => {
    const { clock, looks, attention } = createRig();
    await clock.advance(3500);
    assert.deepEqual(looks, [1000, 2000, 3000]);
    await attention.close();
  });
  test("looks at once when a proxy asks, though time stands still", async () => {
    const { looks, attention, shout } = createRig();
    shout();
    await waitFor("a look", () => looks.length === 1);
    await attention.close();
  });
  test("hears a proxy in another thread", async () => {
    const { board, looks, attention } = createRig();
    const code = `
      const { attention } = require("node:worker_threads").workerData;
      Atomics.add(attention, 0, 1);
      Atomics.notify(attention, 0);
    `;
    const thread = new Worker(code, {
      eval: true,
      workerData: { attention: board.attention },
    });
    await once(thread, "exit");
    await waitFor("a look", () => looks.length === 1);
    await attention.close();
  });
  test("looks once more, after the gap, however many ask meanwhile", async () => {
    const { clock, looks, attention, shout, board } = createRig();
    shout();
    await waitFor("a look", () => looks.length === 1);
    for (let times = 0; times < 50; times++) shout();
    // The loop waits anew only once it has seen the word: notifying wakes nobody until then.
    await waitFor("the loop to wait again", () => Atomics.notify(board.attention, 0) === 1);
    await clock.advance(GAP_MS - 1);
    assert.deepEqual(looks, [0]);
    await clock.advance(1);
    assert.deepEqual(looks, [0, GAP_MS]);
    await attention.close();
  });
  test("closing leaves neither a timer nor a waiter", async () => {
    const { board, clock, attention, shout, looks } = createRig();
    await attention.close();
    assert.equal(clock.pending(), 0);
    assert.equal(Atomics.notify(board.attention, 0), 0);
    shout();
    await clock.advance(10 * EVERY_MS);
    assert.deepEqual(looks, []);
  });
});
