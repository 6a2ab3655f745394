/** Answers that no origin gives: how they are counted. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { routeCounter, routeRow } from "../../packages/evenkeel/src/board/board.ts";
import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { exchange } from "../support/raw-client.ts";

test("the bytes of fixed answers and error pages count as sent", async () => {
  await using proxy = await startProxy({
    routes: [
      { action: { kind: "respond", status: 200, headers: [], body: "pöng" } },
      { match: { path: { kind: "exact", value: "/none" } } },
    ],
  });
  const sent = (slot: number): number =>
    proxy.board.counters[0]!.route[routeRow(slot) + routeCounter.bytesSent]!;

  const fixed = await exchange(proxy.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(fixed.header("content-length"), "5");
  assert.equal(sent(0), 5);
  await exchange(proxy.port, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", { method: "HEAD" });
  assert.equal(sent(0), 5);

  const page = await exchange(proxy.port, "GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal(page.status, 503);
  const length = Number(page.header("content-length"));
  assert.ok(length > 0);
  assert.equal(sent(1), length);
});
