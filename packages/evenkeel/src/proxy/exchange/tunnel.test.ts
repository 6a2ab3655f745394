import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { ClientConnection } from "../client/client-connection.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import { Tunnel } from "./tunnel.ts";

/** A tunnel between two sockets that only note what is done to them. */
function tunnelOf(accepts: { readonly client: boolean; readonly origin: boolean }) {
  const done: string[] = [];
  const timers: (() => void)[] = [];
  let finish = (): void => assert.fail("not ended");
  const client = {
    pause: () => done.push("client paused"),
    resume: () => done.push("client resumed"),
    socket: {
      end: () => done.push("client ended"),
      write: () => accepts.client,
    },
  };
  const origin = {
    socket: {
      end: (finished: () => void) => {
        done.push("origin ended");
        finish = finished;
      },
      write: () => accepts.origin,
      pause: () => done.push("origin paused"),
      resume: () => done.push("origin resumed"),
    },
  };
  const timer = (fire: () => void) => {
    timers.push(fire);
    return { set() {}, clear() {}, end() {} };
  };
  const tunnel = new Tunnel(
    client as unknown as ClientConnection,
    origin as unknown as OriginConnection,
    { timer, close() {} },
    1_000,
    () => {
      done.push("over");
      tunnel.close();
    },
  );
  return { tunnel, done, idle: () => timers[0]!(), finishOrigin: () => finish() };
}

describe("a tunnel", () => {
  test("is over only when the last bytes to the origin were written", () => {
    const { tunnel, done, finishOrigin } = tunnelOf({ client: true, origin: true });
    tunnel.fromOrigin(undefined);
    tunnel.clientEnded();
    assert.deepEqual(done, ["client ended", "origin ended"]);
    finishOrigin();
    assert.deepEqual(done, ["client ended", "origin ended", "over"]);
  });

  test("is over when the origin ends after the client did", () => {
    const { tunnel, done, finishOrigin } = tunnelOf({ client: true, origin: true });
    tunnel.clientEnded();
    finishOrigin();
    tunnel.fromOrigin(undefined);
    assert.deepEqual(done, ["origin ended", "client ended", "over"]);
  });

  test("is over once, also where its idle time ends it first", () => {
    const { tunnel, done, idle, finishOrigin } = tunnelOf({ client: true, origin: true });
    tunnel.fromOrigin(undefined);
    tunnel.clientEnded();
    idle();
    finishOrigin();
    assert.deepEqual(done, ["client ended", "origin ended", "over"]);
  });

  test("holds a side back until the other has taken its bytes", () => {
    const { tunnel, done } = tunnelOf({ client: false, origin: false });
    tunnel.fromClient(Buffer.from("abc"));
    tunnel.originDrained();
    tunnel.fromOrigin(Buffer.from("de"));
    tunnel.clientDrained();
    assert.deepEqual(done, ["client paused", "client resumed", "origin paused", "origin resumed"]);
    assert.equal(tunnel.bytesFromClient, 3);
    assert.equal(tunnel.bytesFromOrigin, 2);
  });
});
