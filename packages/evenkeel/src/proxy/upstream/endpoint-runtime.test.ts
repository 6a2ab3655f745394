import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { type Origin, startOrigin } from "../../../../../test/support/origin.ts";
import { waitFor } from "../../../../../test/support/wait-for.ts";
import type { PoolSnapshot } from "../../snapshot/snapshot.ts";
import type { EndpointRuntime } from "./endpoint-runtime.ts";
import type { OriginConnection } from "./origin-connection.ts";
import { loneGroup, NotingOwner } from "../testing/lone-endpoint.ts";

interface Pooled {
  readonly endpoint: EndpointRuntime;
  readonly origin: Origin;
  /** Makes so many attempts at once on new connections; they lie in the pool afterwards. */
  readonly fill: (count: number) => Promise<OriginConnection[]>;
}

async function withPool(
  pool: Partial<PoolSnapshot>,
  run: (pooled: Pooled) => Promise<void>,
): Promise<void> {
  await using origin = await startOrigin({ body: "x" });
  const { group, connections } = loneGroup({ endpoints: [origin], pool });
  const endpoint = group.pick("", undefined)!;
  await run({
    endpoint,
    origin,
    async fill(count) {
      const dialled: OriginConnection[] = [];
      for (let n = 0; n < count; n++) {
        const owner = new NotingOwner();
        const connection = endpoint.dial(1_000);
        connection.assign(owner, false, 1_000);
        await owner.over;
        dialled.push(connection);
      }
      return dialled;
    },
  });
  group.remove();
  await waitFor("all connections to close", () => connections.opened === connections.closed);
}

const now = (): number => performance.now();

describe("an endpoint's pool", () => {
  test("gives the connection that came back last", async () => {
    await withPool({}, async ({ endpoint, fill }) => {
      const [first, second, third] = await fill(3);
      assert.equal(endpoint.idleConnections, 3);
      for (const expected of [third, second, first, undefined]) {
        const taken = endpoint.takeIdle(false, now());
        assert.equal(taken, expected);
        taken?.destroy();
      }
    });
  });

  test("keeps no more than it may", async () => {
    await withPool({ maxIdle: 2 }, async ({ endpoint, fill, origin }) => {
      await fill(4);
      assert.equal(endpoint.idleConnections, 2);
      await waitFor("the others to close", () => origin.openConnections === 2);
    });
  });

  test("lets connections go that were idle for too long", async () => {
    await withPool({ idleMs: 50 }, async ({ endpoint, fill, origin }) => {
      await fill(2);
      await waitFor("both to close", () => origin.openConnections === 0, { withinMs: 1_000 });
      await waitFor("both to be forgotten", () => endpoint.idleConnections === 0);
    });
  });

  test("forgets connections that the origin closed", async () => {
    await withPool({}, async ({ endpoint, fill, origin }) => {
      await fill(2);
      await origin.stop();
      await waitFor("both to be forgotten", () => endpoint.idleConnections === 0);
      assert.equal(endpoint.takeIdle(false, now()), undefined);
    });
  });

  test("retires connections after so many requests", async () => {
    await withPool({ maxRequests: 2 }, async ({ endpoint, fill }) => {
      const [first] = await fill(1);
      assert.equal(endpoint.takeIdle(false, now()), first);
      const owner = new NotingOwner();
      first!.assign(owner, false, 1_000);
      owner.send(first!);
      await owner.over;
      assert.equal(owner.body, "x");
      assert.equal(endpoint.idleConnections, 0);
    });
  });

  test("gives only one used a moment ago to what can't be repeated", async () => {
    await withPool({}, async ({ endpoint, fill }) => {
      const [first] = await fill(1);
      assert.equal(endpoint.takeIdle(true, first!.idleSinceMs + 1_001), undefined);
      assert.equal(endpoint.idleConnections, 1);
      assert.equal(endpoint.takeIdle(true, first!.idleSinceMs + 999), first);
      first!.destroy();
    });
  });

  test("is emptied with its endpoint, and takes nothing back afterwards", async () => {
    await withPool({}, async ({ endpoint, fill, origin }) => {
      const [first] = await fill(2);
      endpoint.remove();
      assert.equal(endpoint.idleConnections, 0);
      endpoint.giveBack(first!);
      assert.equal(endpoint.idleConnections, 0);
      await waitFor("all to close", () => origin.openConnections === 0);
    });
  });
});
