/** Answers that no origin gives: what is in them, and how they are counted. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { routeCounter, routeRow } from "../../packages/evenkeel/src/board/board.ts";
import { AccessFile } from "../../packages/evenkeel/src/proxy/testing/access-file.ts";
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

describe("the log line of a request that can't be read has what can:", () => {
  const fields = "Host: Shop.example:80\r\nUser-Agent: old/1\r\n";
  const known = { method: "GET", target: "/a?b", host: "shop.example", user_agent: "old/1" };
  const unknown = { method: "", target: "", host: "", user_agent: "" };
  const line = "GET /a?b HTTP/1.1\r\n";
  const cases = [
    { name: "a bad field", head: `${line}${fields}X : y\r\n\r\n`, status: 400, read: known },
    {
      name: "two lengths",
      head: `${line}${fields}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      status: 400,
      read: known,
    },
    {
      name: "no host",
      head: `${line}\r\n`,
      status: 400,
      read: { ...known, host: "", user_agent: "" },
    },
    {
      name: "a bad target",
      head: `GET /a"\x01 HTTP/1.1\r\n${fields}\r\n`,
      status: 400,
      read: { ...known, target: '/a"\x01' },
    },
    { name: "a line too long", head: `GET /${"a".repeat(300)}`, status: 414, read: unknown },
    { name: "too much", head: `${line}${fields}A: ${"b".repeat(300)}`, status: 431, read: known },
    {
      name: "another coding",
      head: `${line}${fields}Transfer-Encoding: gzip\r\n\r\n`,
      status: 501,
      read: known,
    },
    {
      name: "another version",
      head: `GET /a?b HTTP/2.0\r\n${fields}\r\n`,
      status: 505,
      read: known,
    },
    { name: "no end in time", head: `${line}${fields}`, status: 408, read: known },
    { name: "another protocol", head: "\x16\x03\x01\x02\r\n", status: 400, read: unknown },
  ];
  for (const { name, head, status, read } of cases) {
    test(name, async () => {
      using access = new AccessFile();
      const limits = { requestLineBytes: 200, headerBytes: 200 };
      await using proxy = await startProxy({
        listener: { limits, timeouts: { headerMs: 60 } },
        accessLog: access.settings,
      });
      const answer = await exchange(proxy.port, head);
      assert.equal(answer.status, status);
      await proxy.drain();
      const logged = access.lines.map(({ method, target, host, user_agent, ...rest }) => ({
        read: { method, target, host, user_agent },
        status: rest.status,
        bytes_sent: rest.bytes_sent,
      }));
      assert.deepEqual(logged, [{ read, status, bytes_sent: answer.body.length }]);
    });
  }
});

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
