import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startOrigin, type OriginOptions } from "../../../../../test/support/origin.ts";
import { waitFor } from "../../../../../test/support/wait-for.ts";
import type { EndpointRuntime } from "./endpoint-runtime.ts";
import type { OriginConnection } from "./origin-connection.ts";
import { loneGroup, NotingOwner } from "../testing/lone-endpoint.ts";

/** Makes one attempt on an idle connection of the endpoint, or on a new one. */
function attempt(endpoint: EndpointRuntime, owner: NotingOwner, idleMs = 2_000): OriginConnection {
  const idle = endpoint.takeIdle(false, performance.now());
  const connection = idle ?? endpoint.dial(2_000);
  connection.assign(owner, false, idleMs);
  if (idle !== undefined) owner.send(connection);
  return connection;
}

async function withOrigin(
  options: OriginOptions,
  run: (endpoint: EndpointRuntime) => Promise<void>,
): Promise<void> {
  await using origin = await startOrigin(options);
  const { group, connections } = loneGroup({ endpoints: [origin] });
  const endpoint = group.pick("", undefined)!;
  await run(endpoint);
  group.remove();
  await waitFor("all connections to close", () => connections.opened === connections.closed);
}

describe("an origin connection", () => {
  test("is used again, and warmly", async () => {
    await withOrigin({ body: "hello" }, async (endpoint) => {
      for (let n = 0; n < 3; n++) {
        const owner = new NotingOwner();
        const connection = attempt(endpoint, owner);
        await owner.over;
        assert.equal(owner.body, "hello");
        assert.equal(connection.attempts, n + 1);
        assert.equal(endpoint.idleConnections, 1);
      }
    });
  });

  test("reads again after it was paused by the last piece of an answer", async () => {
    await withOrigin({ body: "hello" }, async (endpoint) => {
      const first = new NotingOwner();
      first.onBody = (connection) => connection.pause();
      attempt(endpoint, first);
      await first.over;
      const second = new NotingOwner();
      const connection = attempt(endpoint, second);
      await second.over;
      assert.equal(connection.attempts, 2);
      assert.equal(second.failure, undefined);
      assert.equal(second.body, "hello");
    });
  });

  test("does not blame the origin for silence while it is paused", async () => {
    await withOrigin({ body: "0123456789", byteEveryMs: 1 }, async (endpoint) => {
      const owner = new NotingOwner();
      let paused: OriginConnection | undefined;
      owner.onBody = (connection) => {
        if (paused !== undefined) return;
        paused = connection;
        connection.pause();
        setTimeout(() => connection.resume(), 150);
      };
      attempt(endpoint, owner, 40);
      await owner.over;
      assert.equal(owner.failure, undefined);
      assert.equal(owner.body, "0123456789");
    });
  });

  test("bounds the wait for the answer behind an interim one", async () => {
    // The final answer's head never ends.
    const fields = [["X", "x".repeat(1_000)]] as const;
    await withOrigin({ interim: [100], fields, byteEveryMs: 1 }, async (endpoint) => {
      const owner = new NotingOwner();
      // With Expect the request is sent to its end when the 100 is there.
      owner.send = (connection) => {
        connection.socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "latin1");
      };
      const connection = attempt(endpoint, owner);
      await waitFor("the interim answer", () => owner.heard.includes("head 100"));
      connection.requestSent = true;
      connection.awaitAnswer(1);
      await owner.over;
      assert.equal(owner.failure, "first_byte_timeout");
    });
  });
});
