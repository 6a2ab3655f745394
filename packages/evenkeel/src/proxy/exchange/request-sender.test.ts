import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { OriginConnection } from "../upstream/origin-connection.ts";
import { createOutgoings } from "../wire/outgoing.ts";
import { RequestSender } from "./request-sender.ts";

/** A connection as far as a sender sees it. */
function fakeConnection() {
  const state = { text: "", destroyed: false, writableNeedDrain: false, awaited: 0 };
  const fake = {
    requestSent: false,
    awaitAnswer: (ms: number) => {
      state.awaited = ms;
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

function senderOf(head: string, replayBytes: number): RequestSender {
  const outgoing = createOutgoings().take();
  outgoing.text(head);
  return new RequestSender(outgoing, replayBytes, { read: () => undefined, write: () => "not" });
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
