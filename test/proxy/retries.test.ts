/** Trying again: when, where, how often, and what the client is told when nothing is left. */
import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";

import { upstreamCounter } from "../../packages/evenkeel/src/board/board.ts";
import {
  type RunningProxy,
  startProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { freePort } from "../support/free-port.ts";
import { startFullListener } from "../support/full-listener.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const request = (method = "GET", fields = ""): string =>
  `${method} / HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`;
const withBody = (method: string, body: string, fields = ""): string =>
  `${request(method, `Content-Length: ${body.length}\r\n${fields}`)}${body}`;
const counted = (proxy: RunningProxy, column: keyof typeof upstreamCounter): number =>
  proxy.board.counters[0]!.upstream[upstreamCounter[column]]!;
const first = { policy: "first" } as const;

describe("another endpoint is tried", () => {
  test("where one refuses connections, for any method", async () => {
    await using good = await startOrigin({ name: "good" });
    const dead = await freePort();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [dead, good], balance: first }],
    });
    for (const bytes of [request(), withBody("POST", "hello")]) {
      assert.equal((await exchange(proxy.port, bytes)).text, "good\n");
    }
    assert.equal(good.requests[1]!.body.toString(), "hello");
    assert.equal(proxy.board.failuresInARow[0], 2);
    assert.equal(counted(proxy, "retries"), 0);
  });

  const resets = [
    { name: "GET", bytes: request(), tried: true },
    { name: "PUT with its body", bytes: withBody("PUT", "hello"), tried: true },
    { name: "POST", bytes: withBody("POST", "hello"), tried: false },
    {
      name: "POST with an Idempotency-Key",
      bytes: withBody("POST", "hello", "Idempotency-Key: k\r\n"),
      tried: true,
    },
    {
      name: "POST with an empty Idempotency-Key",
      bytes: withBody("POST", "hello", "Idempotency-Key:\r\n"),
      tried: false,
    },
    {
      name: "POST with an Idempotency-Key of the route's own",
      bytes: withBody("POST", "hello", "Idempotency-Key: k\r\n"),
      routes: [
        { requestHeaders: { set: [["Idempotency-Key", "r"]], add: [], remove: [] } },
      ] as const,
      tried: false,
    },
  ];
  for (const { name, bytes, routes, tried } of resets) {
    test(`${tried ? "" : "not "}where one resets: ${name}`, async () => {
      await using bad = await startOrigin({ resetAfterBytes: 0 });
      await using good = await startOrigin({ name: "good" });
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [bad, good], balance: first }],
        ...(routes && { routes }),
      });
      const answer = await exchange(proxy.port, bytes);
      assert.equal(answer.status, tried ? 200 : 502);
      assert.equal(bad.requests.length, 1);
      assert.equal(good.requests.length, tried ? 1 : 0);
      if (tried) assert.deepEqual(good.requests[0]!.body, bad.requests[0]!.body);
      else assert.equal(proxy.ended("origin_closed"), 1);
    });
  }

  test("for POST too where the route says so", async () => {
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first }],
      routes: [{ retry: { nonIdempotent: true } }],
    });
    assert.equal((await exchange(proxy.port, withBody("POST", "x"))).text, "good\n");
  });

  test("with bodies up to the bound, not with longer ones", async () => {
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first }],
      routes: [{ retry: { replayBytes: 100 } }],
    });
    const whole = await exchange(proxy.port, withBody("PUT", "x".repeat(100)));
    assert.equal(whole.status, 200);
    assert.equal(good.requests[0]!.body.length, 100);
    const longer = await exchange(proxy.port, withBody("PUT", "x".repeat(101)));
    assert.equal(longer.status, 502);
    assert.equal(good.requests.length, 1);
  });

  for (const listed of [true, false]) {
    test(`${listed ? "" : "not "}where a status is ${listed ? "" : "not "}listed`, async () => {
      await using bad = await startOrigin({ status: 503, name: "bad" });
      await using good = await startOrigin({ name: "good" });
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [bad, good], balance: first }],
        routes: [{ retry: { on: listed ? ["503"] : ["502"] } }],
      });
      assert.equal((await exchange(proxy.port, request())).status, listed ? 200 : 503);
    });
  }

  test("and where there is none the answer at hand is given", async () => {
    await using bad = await startOrigin({ status: 503, name: "bad" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad] }],
      routes: [{ retry: { on: ["503"] } }],
    });
    const answer = await exchange(proxy.port, request());
    assert.equal(answer.status, 503);
    assert.equal(answer.text, "bad\n");
  });

  test("on the one connection that the breaker allows, once the first is closed", async () => {
    await using bad = await startOrigin({ status: 503 });
    await using good = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first, breaker: { maxConnections: 1 } }],
      routes: [{ retry: { on: ["503"] } }],
    });
    assert.equal((await exchange(proxy.port, request())).status, 200);
    await waitFor("the first to be closed", () => !bad.connections[0]!.open);
  });

  test("after a timeout where timeouts are listed", async () => {
    await using slow = await startOrigin({ hang: "before-answer" });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, good], balance: first }],
      routes: [{ retry: { on: ["timeout"], attemptMs: 60 } }],
    });
    assert.equal((await exchange(proxy.port, request())).text, "good\n");
  });

  test("not once the answer has begun: the client is cut off", async () => {
    await using bad = await startOrigin({ body: "x".repeat(100), resetAfterBytes: 150 });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first }],
      routes: [{ retry: { answerBytes: 99 } }],
    });
    await assert.rejects(exchange(proxy.port, request()), /connection ended \(reset\)/);
    assert.equal(good.requests.length, 0);
    assert.equal(proxy.ended("origin_reset"), 1);
  });
});

describe("when all were tried", () => {
  test("the last failure is the reason", async () => {
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    const dead = await freePort();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, dead], balance: first }],
    });
    assert.equal((await exchange(proxy.port, request())).status, 502);
    assert.equal(proxy.ended("connect_failed"), 1);
  });

  test("so many attempts were made as the route allows", async () => {
    const origins = await Promise.all([1, 2, 3, 4].map(() => startOrigin({ resetAfterBytes: 0 })));
    await using proxy = await startProxy({
      upstreams: [{ endpoints: origins }],
      routes: [{ retry: { attempts: 2 } }],
    });
    assert.equal((await exchange(proxy.port, request())).status, 502);
    const requests = origins.map((origin) => origin.requests.length);
    assert.equal(
      requests.reduce((sum, n) => sum + n, 0),
      3,
    );
    assert.ok(Math.max(...requests) === 1);
    for (const origin of origins) await origin.stop();
  });
});

describe("the retry budget", () => {
  test("bounds retries to its share of the requests, with a minimum", async () => {
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first, retryBudget: { percent: 0, min: 3 } }],
    });
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await exchange(proxy.port, request())).status);
    assert.deepEqual(statuses, [200, 200, 200, 502, 502, 502]);
    assert.equal(counted(proxy, "retries"), 3);
    assert.equal(counted(proxy, "retriesDenied"), 3);
  });
});

describe("connections that origins close while idle", () => {
  test("cost no GET", async () => {
    const closed = { count: 0 };
    const server = createServer((socket) => {
      socket.on("error", () => {}); // the proxy may have gone first
      let idle: NodeJS.Timeout | undefined;
      socket.on("data", () => {
        clearTimeout(idle);
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        const close = (): void => {
          closed.count++;
          socket.destroy();
        };
        idle = setTimeout(close, 3 + (closed.count % 4));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await using proxy = await startProxy({ upstreams: [{ endpoints: [port] }] });
    const clients = await Promise.all([0, 1, 2, 3].map(() => connectRaw(proxy.port)));
    const statuses = new Map<number, number>();
    await Promise.all(
      clients.map(async (client, index) => {
        for (let n = 0; n < 750; n++) {
          client.send(request());
          const { status } = await client.readResponse();
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if ((n + index) % 3 > 0) await new Promise((go) => setTimeout(go, 4 + (n % 3)));
        }
      }),
    );
    for (const client of clients) await client[Symbol.asyncDispose]();
    assert.deepEqual([...statuses], [[200, 3_000]]);
    assert.ok(closed.count > 20, `only ${closed.count} connections closed`);
    assert.equal(proxy.board.failuresInARow[0], 0);
    server.close();
  });
});

describe("hedging", () => {
  const hedged = { hedge: { afterMs: 40, percentile: 0 } };

  test("gives the first answer and cancels the other attempt", async () => {
    await using slow = await startOrigin({ hang: "before-answer" });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, good], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, request())).text, "good\n");
    await waitFor("the loser to go", () => proxy.board.upstreamConnections[0] === 1);
    assert.equal(counted(proxy, "hedges"), 1);
    assert.equal(proxy.board.failuresInARow[0], 0);
  });

  test("leaves a quick answer alone", async () => {
    await using quick = await startOrigin({ name: "quick" });
    await using other = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [quick, other], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, request())).text, "quick\n");
    assert.equal(other.requests.length, 0);
  });

  test("is for requests that may be sent twice only", async () => {
    await using slow = await startOrigin({ name: "slow", delayMs: 150 });
    await using other = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, other], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, withBody("POST", "x"))).text, "slow\n");
    assert.equal(other.requests.length, 0);
  });

  test("waits for the other attempt where the first answer is worth trying again", async () => {
    await using slow = await startOrigin({ name: "slow", delayMs: 150 });
    await using bad = await startOrigin({ status: 503 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, bad], balance: first }],
      routes: [{ ...hedged, retry: { on: ["503"] } }],
    });
    assert.equal((await exchange(proxy.port, request())).text, "slow\n");
    assert.equal(bad.requests.length, 1);
  });

  test("survives that one of both is reset", async () => {
    await using slow = await startOrigin({ name: "slow", delayMs: 150 });
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, bad], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, request())).text, "slow\n");
  });

  test("asks a third where the second is silent too", async () => {
    await using slow = await startOrigin({ hang: "before-answer" });
    await using slower = await startOrigin({ hang: "before-answer" });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, slower, good], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, request())).text, "good\n");
    assert.equal(counted(proxy, "hedges"), 2);
  });

  test("makes no more attempts than the route's retries allow", async () => {
    await using slow = await startOrigin({ name: "slow", delayMs: 300 });
    await using slower = await startOrigin({ hang: "before-answer" });
    await using other = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, slower, other], balance: first }],
      routes: [{ ...hedged, retry: { attempts: 1 } }],
    });
    assert.equal((await exchange(proxy.port, request())).text, "slow\n");
    assert.equal(other.requests.length, 0);
  });

  test("comes later where the budget had nothing left at first", async () => {
    await using slow = await startOrigin({ hang: "before-answer" });
    await using good = await startOrigin({ name: "good" });
    const parts = { endpoints: [slow, good], balance: first };
    await using proxy = await startProxy({
      upstreams: [{ ...parts, retryBudget: { percent: 0, min: 0 } }],
      routes: [hedged],
    });
    const answer = exchange(proxy.port, request());
    await waitFor("a refusal", () => counted(proxy, "retriesDenied") > 0);
    proxy.apply({ upstreams: [{ ...parts, retryBudget: { percent: 0, min: 1 } }] });
    assert.equal((await answer).text, "good\n");
  });

  test("starts while the first attempt still connects", async () => {
    await using good = await startOrigin({ name: "good" });
    await using full = await startFullListener();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [{ port: full.port }, good], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, request())).text, "good\n");
  });

  test("by percentile waits as long as that many answers take", async () => {
    await using origin = await startOrigin({ name: "a" });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin, good], balance: first }],
      routes: [{ hedge: { afterMs: 0, percentile: 95 } }],
    });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 40; n++) {
      client.send(request());
      assert.equal((await client.readResponse()).text, "a\n");
    }
    // From here on a second is far beyond the 95th percentile.
    origin.set({ delayMs: 1_000 });
    await waitFor("the percentile to be known", async () => {
      const startedAt = performance.now();
      const { text } = await exchange(proxy.port, request());
      return text === "good\n" && performance.now() - startedAt < 80;
    });
  });

  test("counts lost races as failures, but not those of a short pause", async () => {
    await using silent = await startOrigin({ hang: "before-answer" });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [
        { endpoints: [silent, good], balance: first, retryBudget: { percent: 0, min: 100 } },
      ],
      routes: [hedged],
    });
    const startedAt = performance.now();
    const burst = Array.from({ length: 3 }, () => exchange(proxy.port, request()));
    for (const { text } of await Promise.all(burst)) assert.equal(text, "good\n");
    if (performance.now() - startedAt < 250) assert.equal(proxy.board.failuresInARow[0], 0);
    await waitFor("failures", async () => {
      assert.equal((await exchange(proxy.port, request())).text, "good\n");
      return proxy.board.failuresInARow[0]! >= 2;
    });
    assert.ok(performance.now() - startedAt >= 250);
    assert.equal(proxy.board.failuresInARow[1], 0);
  });

  test("takes nothing from the budget where there is no second endpoint", async () => {
    await using slow = await startOrigin({ name: "slow", delayMs: 100 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow] }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, request())).text, "slow\n");
    assert.equal(counted(proxy, "retries"), 0);
  });

  test("sends the body to both and goes on where the other did not read", async () => {
    const body = "x".repeat(60_000);
    await using slow = await startOrigin({ neverRead: true });
    await using good = await startOrigin({ name: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [slow, good], balance: first }],
      routes: [hedged],
    });
    assert.equal((await exchange(proxy.port, withBody("PUT", body))).text, "good\n");
    assert.equal(good.requests[0]!.body.length, body.length);
  });
});
