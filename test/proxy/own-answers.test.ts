/** Answers that no origin gives: what is in them, and how they are counted. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { routeCounter, routeRow } from "../../packages/evenkeel/src/board/board.ts";
import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import type { Field } from "../support/http-framing.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";

describe("a HEAD that can't be read is answered like a GET, without the body:", () => {
  const cases = [
    { name: "a malformed field", rest: " / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", status: 400 },
    { name: "no Host", rest: " / HTTP/1.1\r\n\r\n", status: 400 },
    {
      name: "a coding",
      rest: " / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
      status: 501,
    },
    { name: "a bad target", rest: " /%zz HTTP/1.1\r\nHost: a\r\n\r\n", status: 400 },
    { name: "a head that takes too long", rest: " / HTTP/1.1\r\nHost: a\r\n", status: 408 },
  ];
  for (const { name, rest, status } of cases) {
    test(name, async () => {
      await using proxy = await startProxy({ listener: { timeouts: { headerMs: 50 } } });
      const get = await exchange(proxy.port, `GET${rest}`);
      for (const before of ["", "\r\n"]) {
        await using client = await connectRaw(proxy.port);
        const head = await client.send(`${before}HEAD${rest}`).readResponse({ method: "HEAD" });
        assert.equal(head.status, status);
        assert.equal(get.body.length, Number(head.header("content-length")));
        assert.deepEqual(withoutDate(head.fields), withoutDate(get.fields));
        assert.equal((await client.readUntilClose()).length, 0);
      }
    });
  }
});

const withoutDate = (fields: readonly Field[]): readonly Field[] =>
  fields.filter(([name]) => name !== "Date");

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
