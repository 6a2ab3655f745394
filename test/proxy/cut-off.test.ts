/** What is still in flight when the time for finishing is over: cut, but not without a trace. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { AccessFile } from "../../packages/evenkeel/src/proxy/testing/access-file.ts";
import {
  startProxy,
  type RunningProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import type { SnapshotParts } from "../../packages/evenkeel/src/proxy/testing/snapshot.ts";
import { type OriginOptions, startOrigin } from "../support/origin.ts";
import { connectRaw, exchange, type RawClient } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const get = (path = "/"): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`;

interface Case {
  readonly name: string;
  readonly origin?: OriginOptions;
  readonly upstream?: NonNullable<SnapshotParts["upstreams"]>[number];
  readonly sends: string;
  readonly isUnderWay: (proxy: RunningProxy, requests: number, client: RawClient) => boolean;
  readonly ends: { readonly status: number; readonly target: string };
  /** What the client gets, in place of an error page. */
  readonly cut?: "reset";
}

const cases: readonly Case[] = [
  {
    name: "waits for an answer",
    origin: { hang: "before-answer" },
    sends: get("/hang"),
    isUnderWay: (_, requests) => requests === 1,
    ends: { status: 503, target: "/hang" },
  },
  {
    name: "waits in the queue",
    origin: { hang: "before-answer" },
    upstream: { maxConns: 1, queue: { max: 5, timeoutMs: 60_000 } },
    sends: get("/queued"),
    isUnderWay: ({ board }) => board.upstreamPending[0] === 1,
    ends: { status: 503, target: "/queued" },
  },
  {
    name: "is being received",
    sends: "POST /upload HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\n1234",
    isUnderWay: (_, requests) => requests === 1,
    ends: { status: 503, target: "/upload" },
  },
  {
    name: "has a part of its answer",
    origin: { body: "x".repeat(200_000), hang: "in-body" },
    sends: get("/long"),
    isUnderWay: (_proxy, _requests, { unread }) => unread.length > 0,
    ends: { status: 200, target: "/long" },
    cut: "reset",
  },
  {
    name: "is an upgraded connection",
    origin: { upgrade: true },
    sends: "GET /ws HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    isUnderWay: (_proxy, _requests, { unread }) => unread.length > 0,
    ends: { status: 101, target: "/ws" },
    cut: "reset",
  },
];

describe("a request that is cut at the end of the grace", () => {
  for (const { name, origin: options = {}, upstream, sends, isUnderWay, ends, cut } of cases) {
    test(`where it ${name}: is logged with its reason and counted`, async () => {
      await using origin = await startOrigin(options);
      using access = new AccessFile();
      const endpoint = { port: origin.port, maxConns: upstream?.maxConns ?? 0 };
      await using proxy = await startProxy({
        upstreams: [{ ...upstream, endpoints: [endpoint] }],
        accessLog: access.settings,
      });
      await using first = await connectRaw(proxy.port);
      if (endpoint.maxConns > 0) {
        first.send(get("/first"));
        await waitFor("the first", () => origin.requests.length === 1);
      }
      await using client = await connectRaw(proxy.port);
      client.send(sends);
      const { requests } = origin;
      await waitFor("it to be there", () => isUnderWay(proxy, requests.length, client));
      await proxy.drain(60);
      const logged = access.lines.filter(({ target }) => target === ends.target);
      assert.deepEqual(
        logged.map(({ status, target, reason }) => ({ status, target, reason })),
        [{ ...ends, reason: "shutting_down" }],
      );
      const all = endpoint.maxConns > 0 ? 2 : 1;
      assert.equal(proxy.ended("shutting_down"), all);
      assert.deepEqual(proxy.events.at(-1), { kind: "drained", cut: all });
      if (cut === undefined) assert.equal((await client.readResponse()).status, 503);
      else assert.equal(await client.closed(), cut);
      first.reset();
      client.reset();
    });
  }

  test("where only a part of its head came: is answered and logged", async () => {
    using access = new AccessFile();
    await using proxy = await startProxy({ accessLog: access.settings });
    await using client = await connectRaw(proxy.port);
    client.send("GET / HTTP/1.1\r\nHo");
    await waitFor("it to be accepted", () => proxy.board.listenerConnections[0] === 1);
    // What it sent before is read by now.
    await exchange(proxy.port, get("/other"));
    await proxy.drain(60);
    assert.equal((await client.readResponse()).status, 503);
    client.reset();
    assert.deepEqual(
      access.lines.map(({ reason }) => reason),
      ["no_endpoint", "shutting_down"],
    );
    assert.deepEqual(proxy.events.at(-1), { kind: "drained", cut: 1 });
  });

  test("where its listener is gone from the configuration: is logged too", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    using access = new AccessFile();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      accessLog: access.settings,
    });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    await waitFor("the request", () => origin.requests.length === 1);
    proxy.apply({ listener: { name: "other" } });
    await proxy.drain(60);
    assert.equal((await client.readResponse()).status, 503);
    client.reset();
    assert.equal(access.lines.length, 1);
  });

  test("idle connections are no requests", async () => {
    await using origin = await startOrigin();
    using access = new AccessFile();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      accessLog: access.settings,
    });
    await using silent = await connectRaw(proxy.port);
    await using client = await connectRaw(proxy.port);
    client.send(get());
    await client.readResponse();
    await proxy.drain(0);
    assert.deepEqual(proxy.events.at(-1), { kind: "drained", cut: 0 });
    assert.deepEqual(
      access.lines.map(({ reason }) => reason),
      [""],
    );
    assert.equal(proxy.ended("client_closed"), 0);
    await silent.closed();
  });
});
