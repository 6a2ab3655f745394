import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { Direct } from "../wire/direct.ts";
import { createOutgoings } from "../wire/outgoing.ts";
import { RequestSender } from "./request-sender.ts";

/** A connection as far as a sender sees it. */
function fakeConnection() {
  const state = { text: "", destroyed: false, writableNeedDrain: false, awaited: 0, goAheadMs: -1 };
  const fake = {
    requestSent: false,
    awaitAnswer: (ms: number) => {
      state.awaited = ms;
    },
    awaitGoAhead: (ms: number) => {
      state.goAheadMs = ms;
    },
    socket: {
      cork() {},
      uncork() {},
      write(piece: string | Buffer) {
        state.text += piece.toString("latin1" as never);
      },
      get destroyed() {
        return state.destroyed;
      },
      get writableNeedDrain() {
        return state.writableNeedDrain;
      },
    },
  };
  return Object.assign(state, { connection: fake as unknown as OriginConnection });
}

function senderOf(head: string, replayBytes: number, awaitsGoAhead = false): RequestSender {
  const outgoing = createOutgoings().take();
  outgoing.text(head);
  const direct: Direct = { read: () => undefined, write: () => "not" };
  return new RequestSender(outgoing, replayBytes, direct, awaitsGoAhead);
}

const push = (sender: RequestSender, text: string): void => {
  const bytes = Buffer.from(`<${text}>`);
  sender.push(bytes, 1, bytes.length - 1);
};

describe("a request sender", () => {
  test("sends what came before and after the connection was there", () => {
    const sender = senderOf("HEAD ", 100);
    const to = fakeConnection();
    push(sender, "one ");
    sender.attach(to.connection, 50);
    assert.equal(to.text, "HEAD one ");
    push(sender, "two");
    assert.equal(to.text, "HEAD one two");
    assert.equal(to.connection.requestSent, false);
    sender.finish();
    assert.equal(to.connection.requestSent, true);
    assert.equal(to.awaited, 50);
  });

  test("sends all of it again to another connection, finished or not", () => {
    const sender = senderOf("HEAD ", 100);
    const [first, second, third] = [fakeConnection(), fakeConnection(), fakeConnection()];
    sender.attach(first.connection, 1);
    push(sender, "one ");
    first.destroyed = true;
    sender.attach(second.connection, 1);
    push(sender, "two");
    assert.equal(first.text, "HEAD one ");
    assert.equal(second.text, "HEAD one two");
    sender.finish();
    sender.attach(third.connection, 1);
    assert.equal(third.text, "HEAD one two");
    assert.equal(third.connection.requestSent, true);
  });

  const signs = [
    { name: "an origin asks for the body", show: (sender: RequestSender) => sender.goAhead() },
    { name: "the body comes all the same", show: (sender: RequestSender) => push(sender, "1") },
  ];
  for (const { name, show } of signs) {
    test(`gives every connection its time to ask for the body until ${name}`, () => {
      const sender = senderOf("HEAD ", 100, true);
      const [first, second, third] = [fakeConnection(), fakeConnection(), fakeConnection()];
      for (const { connection } of [first, second]) sender.attach(connection, 50);
      assert.deepEqual([first.goAheadMs, second.goAheadMs], [50, 50]);
      assert.equal(sender.awaitsGoAhead, true);
      show(sender);
      assert.deepEqual([first.goAheadMs, second.goAheadMs], [0, 0]);
      assert.equal(sender.awaitsGoAhead, false);
      sender.attach(third.connection, 50);
      assert.equal(third.goAheadMs, -1);
    });
  }

  test("gives no such time where the client does not wait", () => {
    const to = fakeConnection();
    senderOf("HEAD ", 100).attach(to.connection, 50);
    assert.equal(to.goAheadMs, -1);
  });

  const bounds = [
    { name: "at the bound", replayBytes: 5, replayable: true },
    { name: "over the bound", replayBytes: 4, replayable: false },
    { name: "without keeping any", replayBytes: 0, replayable: false },
  ];
  for (const { name, replayBytes, replayable } of bounds) {
    for (const early of [true, false]) {
      test(`${name} it can ${replayable ? "" : "not "}be sent again (${early ? "early" : "late"})`, () => {
        const sender = senderOf("", replayBytes);
        const to = fakeConnection();
        if (early) push(sender, "12345");
        sender.attach(to.connection, 1);
        if (!early) push(sender, "12345");
        sender.finish();
        assert.equal(to.text, "12345");
        assert.equal(sender.replayable, replayable);
      });
    }
  }

  test("blocks while nothing takes the body and the bound is reached", () => {
    const sender = senderOf("", 4);
    assert.equal(sender.blocked, false);
    push(sender, "1234");
    assert.equal(sender.blocked, true);
    const to = fakeConnection();
    sender.attach(to.connection, 1);
    assert.equal(sender.blocked, false);
  });

  test("blocks while any connection does not keep up, unless it is gone", () => {
    const sender = senderOf("", 100);
    const [first, second] = [fakeConnection(), fakeConnection()];
    for (const { connection } of [first, second]) sender.attach(connection, 1);
    assert.equal(sender.blocked, false);
    second.writableNeedDrain = true;
    assert.equal(sender.blocked, true);
    second.destroyed = true;
    assert.equal(sender.blocked, false);
  });
});
