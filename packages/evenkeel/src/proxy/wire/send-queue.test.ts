import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { beforeEach, describe, test } from "node:test";

import { createClock } from "../clock.ts";
import { createOutgoings, type Outgoing } from "./outgoing.ts";
import { SendQueue } from "./send-queue.ts";

const MANY = 8;

describe("small writes", () => {
  let nowMs = 0;
  const clock = createClock(() => nowMs);
  let written: string[] = [];
  let queue: SendQueue;
  const stock = createOutgoings();
  const open = { destroyed: false } as Socket;

  const write = (_socket: Socket, bytes: Uint8Array): "now" => {
    written.push(Buffer.from(bytes).toString());
    return "now";
  };

  beforeEach(() => {
    written = [];
    nowMs = 1_000;
    clock.tick();
    queue = new SendQueue(clock, { read: () => undefined, write });
  });

  function outgoing(text: string): Outgoing {
    const one = stock.take();
    one.text(text);
    return one;
  }

  /** Sends that many, `pauseMs` apart. */
  function send(count: number, pauseMs: number): void {
    for (let index = 0; index < count; index++) {
      nowMs += pauseMs;
      clock.tick();
      queue.send(open, outgoing(String(index)), stock);
    }
  }

  test("go out at once while there are few", () => {
    send(20, 0.1);
    assert.equal(written.length, 20);
  });

  test("wait for the end of the turn while there are many, and keep their order", async () => {
    send(20, 0.01);
    assert.deepEqual(
      written,
      Array.from({ length: MANY }, (_, index) => String(index)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      written,
      Array.from({ length: 20 }, (_, index) => String(index)),
    );
    written = [];
    queue.flush();
    assert.deepEqual(written, []);
  });

  test("never overtake those that wait", () => {
    send(MANY + 1, 0.01);
    nowMs += 1_000;
    clock.tick();
    queue.send(open, outgoing("late"), stock);
    assert.equal(written.length, MANY);
    queue.flush();
    assert.deepEqual(written.slice(MANY), [String(MANY), "late"]);
  });

  test("keep their memory until they are written", () => {
    send(MANY, 0);
    const one = outgoing("one");
    queue.send(open, one, stock);
    assert.equal(one.isWaiting, true);
    assert.notEqual(stock.take(), one);
    queue.flush();
    assert.equal(one.isWaiting, false);
    assert.equal(stock.take(), one);
  });

  test("to a socket that is gone by then are dropped, the others are not", () => {
    send(MANY, 0);
    const gone = { destroyed: false };
    queue.send(gone as Socket, outgoing("gone"), stock);
    queue.send(open, outgoing("open"), undefined);
    gone.destroyed = true;
    queue.flush();
    assert.deepEqual(written.slice(MANY), ["open"]);
  });
});
