/** Addresses that can't be had yet. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";

import { waitFor } from "../../../../../test/support/wait-for.ts";
import { createBoard } from "../../board/board.ts";
import type { FromProxy } from "../../snapshot/messages.ts";
import { createProxy } from "../create-proxy.ts";
import { snapshot } from "../testing/snapshot.ts";

test("an address that is taken is tried until it is free, and told of once", async () => {
  const other = createServer();
  other.listen({ host: "127.0.0.1", port: 0, exclusive: true });
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const events: FromProxy[] = [];
  const proxy = createProxy({
    board: createBoard(1),
    worker: 0,
    tell: (event) => events.push(event),
    onProblem: (message) => assert.fail(message),
  });
  const kinds = (): string[] => events.map(({ kind }) => kind).filter((kind) => kind !== "applied");
  proxy.apply(snapshot({ listener: { addresses: [{ host: "127.0.0.1", port }] } }));
  await waitFor("the failure", () => kinds().includes("listen_failed"));
  other.close();
  await waitFor("the listener", () => kinds().includes("listening"), { withinMs: 5_000 });
  proxy.drain(0);
  await waitFor("the end", () => kinds().includes("drained"));
  assert.deepEqual(kinds(), ["listen_failed", "listening", "drained"]);
});
