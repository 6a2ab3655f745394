/** What Evenkeel bounds itself: queues, holds, breakers, connections, rates, sizes, who may come. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";

import {
  TAKES_BOUND,
  upstreamCounter,
  upstreamRow,
  workerGauge,
} from "../../packages/evenkeel/src/board/board.ts";
import {
  type RunningProxy,
  startProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { freePort } from "../support/free-port.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, exchange, type RawClient } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const get = (path = "/", fields = ""): string =>
  `GET ${path} HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`;

describe("max_conns with a queue", () => {
  test("serves who waits in the order of arrival", async () => {
    await using origin = await startOrigin({ delayMs: 10 });
    await using proxy = await startProxy({
      upstreams: [
        { endpoints: [{ port: origin.port, maxConns: 1 }], queue: { max: 10, timeoutMs: 3_000 } },
      ],
    });
    const answers: Promise<unknown>[] = [];
    for (let n = 0; n < 6; n++) {
      const before = proxy.board.upstreamInFlight[0]!;
      answers.push(exchange(proxy.port, get(`/${n}`)));
      await waitFor("its arrival", () => proxy.board.upstreamInFlight[0]! > before || n > 0);
      if (n > 0)
        await waitFor(
          "its place",
          () => origin.requests.length + proxy.board.upstreamPending[0]! > n,
        );
    }
    await Promise.all(answers);
    assert.deepEqual(
      origin.requests.map(({ target }) => target),
      ["/0", "/1", "/2", "/3", "/4", "/5"],
    );
    assert.equal(origin.connections.length, 1);
  });

  test("refuses who finds it full, and who waits too long", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [
        { endpoints: [{ port: origin.port, maxConns: 1 }], queue: { max: 1, timeoutMs: 1_100 } },
      ],
    });
    await using first = await connectRaw(proxy.port);
    first.send(get());
    await waitFor("the first", () => origin.requests.length === 1);
    const second = exchange(proxy.port, get());
    await waitFor("the second to wait", () => proxy.board.upstreamPending[0] === 1);
    const refused = [await exchange(proxy.port, get()), await second];
    assert.deepEqual(
      refused.map(({ status, header }) => [status, header("retry-after")]),
      [
        [503, "2"],
        [503, "2"],
      ],
    );
    assert.deepEqual([proxy.ended("queue_full"), proxy.ended("queue_timeout")], [1, 1]);
    first.reset();
  });

  test("without a queue refuses at once", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [{ port: origin.port, maxConns: 1 }] }],
    });
    await using first = await connectRaw(proxy.port);
    first.send(get());
    await waitFor("the first", () => origin.requests.length === 1);
    const refused = await exchange(proxy.port, get());
    assert.deepEqual([refused.status, refused.header("retry-after")], [503, "1"]);
    first.reset();
  });
});

describe("an upstream without an open endpoint", () => {
  test("answers 503 at once", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    proxy.setState(0, 0);
    assert.equal((await exchange(proxy.port, get())).status, 503);
    assert.equal(proxy.ended("no_endpoint"), 1);
    assert.equal(origin.connections.length, 0);
  });

  test("holds requests until one is back, in order of arrival", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin], holdMs: 3_000 }] });
    proxy.setState(0, 0);
    const answers: Promise<{ readonly status: number }>[] = [];
    for (let n = 0; n < 3; n++) {
      answers.push(exchange(proxy.port, get(`/${n}`)));
      await waitFor("it to wait", () => proxy.board.upstreamPending[0] === n + 1);
    }
    proxy.setState(0, 3);
    for (const answer of answers) assert.equal((await answer).status, 200);
    assert.deepEqual(
      origin.requests.map(({ target }) => target),
      ["/0", "/1", "/2"],
    );
  });

  test("lets nobody overtake those it holds, and serves them with the next that comes", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin], holdMs: 3_000 }] });
    proxy.setState(0, 0);
    const held = exchange(proxy.port, get("/held"));
    await waitFor("it to wait", () => proxy.board.upstreamPending[0] === 1);
    // Open again, but not yet told to those who wait.
    proxy.board.state[0] = 3;
    Atomics.add(proxy.board.generation, 0, 1);
    assert.equal((await exchange(proxy.port, get("/next"), { deadlineMs: 500 })).status, 200);
    assert.equal((await held).status, 200);
    assert.deepEqual(
      origin.requests.map(({ target }) => target),
      ["/held", "/next"],
    );
  });

  test("gives up holding after its time", async () => {
    await using proxy = await startProxy({ upstreams: [{ endpoints: [1], holdMs: 80 }] });
    proxy.setState(0, 0);
    assert.equal((await exchange(proxy.port, get())).status, 503);
  });

  test("holds requests while its only one restarts", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin], holdMs: 3_000 }] });
    await origin.stop();
    const answer = exchange(
      proxy.port,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi`,
    );
    await waitFor("a refused try", () => proxy.board.failuresInARow[0]! > 0);
    await origin.listen();
    assert.equal((await answer).status, 200);
    assert.equal(origin.requests[0]!.body.toString(), "hi");
  });

  test("holds a GET that all cut off, once", async () => {
    await using stack = new AsyncDisposableStack();
    const origins = await Promise.all([0, 1, 2].map(() => startOrigin({ resetAfterBytes: 0 })));
    for (const origin of origins) stack.use(origin);
    await using proxy = await startProxy({ upstreams: [{ endpoints: origins, holdMs: 3_000 }] });
    const seen = (): number => origins.reduce((sum, { requests }) => sum + requests.length, 0);
    assert.equal((await exchange(proxy.port, get())).status, 502);
    // Once round all of them, and once more after the pause as far as the budget goes.
    assert.ok(seen() > 3 && seen() <= 6, `${seen()} attempts`);
    const answer = exchange(proxy.port, get());
    const before = seen();
    await waitFor("its attempt", () => seen() > before);
    for (const origin of origins) origin.set({ resetAfterBytes: 100_000 });
    assert.equal((await answer).status, 200);
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi`;
    for (const origin of origins) origin.set({ resetAfterBytes: 0 });
    assert.equal((await exchange(proxy.port, post)).status, 502);
  });

  test("that refuses connections all the time is told as such", async () => {
    const dead = await freePort();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [dead], holdMs: 250 }] });
    assert.equal((await exchange(proxy.port, get())).status, 502);
    assert.equal(proxy.ended("connect_failed"), 1);
  });
});

describe("the breaker", () => {
  const refusals = ({ board }: RunningProxy): number =>
    board.counters[0]!.upstream[upstreamRow(0) + upstreamCounter.breakerRefusals]!;

  test("bounds requests in flight", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin], breaker: { maxRequests: 1 } }],
    });
    await using first = await connectRaw(proxy.port);
    first.send(get());
    await waitFor("the first", () => origin.requests.length === 1);
    assert.equal((await exchange(proxy.port, get())).status, 503);
    assert.equal(proxy.ended("breaker_limit"), 1);
    first.reset();
  });

  test("bounds connections", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin], breaker: { maxConnections: 1 } }],
    });
    await using first = await connectRaw(proxy.port);
    first.send(get());
    await waitFor("the first", () => origin.requests.length === 1);
    assert.equal((await exchange(proxy.port, get())).status, 503);
    assert.equal(refusals(proxy), 1);
    first.reset();
    await proxy.quiet();
    origin.set({ hang: undefined as never });
    assert.equal((await exchange(proxy.port, get())).status, 200);
  });

  test("gives one endpoint the connection that lies idle at another", async () => {
    await using one = await startOrigin();
    await using two = await startOrigin();
    await using three = await startOrigin();
    const origins = [one, two, three];
    await using proxy = await startProxy({
      upstreams: [{ endpoints: origins, breaker: { maxConnections: 2 } }],
    });
    await using client = await connectRaw(proxy.port);
    const open = (): number =>
      origins.reduce((sum, { connections }) => sum + connections.filter((it) => it.open).length, 0);
    for (let n = 0; n < 9; n++) {
      client.send(get());
      assert.equal((await client.readResponse()).status, 200);
      await waitFor("one to be closed", () => open() <= 2);
    }
    assert.deepEqual(
      origins.map(({ requests }) => requests.length),
      [3, 3, 3],
    );
    assert.equal(proxy.ended("breaker_limit"), 0);
  });

  test("tries again while the connection that broke still counts", async () => {
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    await using good = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [
        { endpoints: [bad, good], balance: { policy: "first" }, breaker: { maxConnections: 1 } },
      ],
    });
    for (let n = 0; n < 3; n++) assert.equal((await exchange(proxy.port, get())).status, 200);
    assert.equal(bad.requests.length, 3);
  });

  test("waits for another proxy's idle connection no longer than half a second", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin], breaker: { maxConnections: 1 } }],
    });
    // Another proxy's, which does not answer.
    proxy.board.upstreamConnections[0] = 1;
    const startedMs = performance.now();
    assert.equal((await exchange(proxy.port, get())).status, 503);
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs > 450 && tookMs < 1_500, `${tookMs} ms`);
    assert.equal(proxy.ended("breaker_limit"), 1);
    assert.equal(refusals(proxy), 1);
    assert.notEqual(proxy.board.upstreamWanted[0], 0);
    // It is gone by now.
    const answer = exchange(proxy.port, get());
    await waitFor("it to wait", () => proxy.board.upstreamPending[0] === 1);
    Atomics.sub(proxy.board.upstreamConnections, 0, 1);
    Atomics.add(proxy.board.upstreamFreed, 0, 1);
    Atomics.notify(proxy.board.upstreamFreed, 0);
    assert.equal((await answer).status, 200);
  });

  test("bounds retries", async () => {
    await using bad = await startOrigin({ resetAfterBytes: 0 });
    await using slow = await startOrigin({ delayMs: 150 });
    await using proxy = await startProxy({
      upstreams: [
        { endpoints: [bad, slow], balance: { policy: "first" }, breaker: { maxRetries: 1 } },
      ],
    });
    const first = exchange(proxy.port, get());
    await waitFor("the retry", () => slow.requests.length === 1);
    assert.equal((await exchange(proxy.port, get())).status, 502);
    assert.equal((await first).status, 200);
  });

  test("refuses while open, tries when its time is over, and closes or opens again", async () => {
    await using origin = await startOrigin({ status: 503 });
    const openMs = 60_000;
    const error = { ratio: 0.5, minRequests: 1, windowMs: 1_000, openMs, halfOpenRequests: 1 };
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin], breaker: { error } }],
    });
    const { board } = proxy;
    const open = (untilMs: number): void => {
      board.breakerOpenUntilMs[0] = untilMs;
      board.breakerState[0] = 1;
    };
    open(Date.now() + openMs);
    assert.equal((await exchange(proxy.port, get())).status, 503);
    assert.equal(proxy.ended("breaker_open"), 1);
    assert.equal(origin.requests.length, 0);

    open(Date.now() - 1);
    await exchange(proxy.port, get());
    assert.equal(origin.requests.length, 1);
    assert.equal(board.breakerState[0], 1);

    open(Date.now() - 1);
    origin.set({ status: 200 });
    assert.equal((await exchange(proxy.port, get())).status, 200);
    assert.equal(board.breakerState[0], 0);
    assert.equal((await exchange(proxy.port, get())).status, 200);
  });
});

describe("sticky clients", () => {
  const sticky = {
    cookie: "ek",
    maxAgeS: undefined,
    path: "/",
    domain: undefined,
    secure: false,
    httpOnly: true,
    sameSite: undefined,
  };
  test("stay, also while draining, and move when their endpoint is gone", async () => {
    await using one = await startOrigin({ name: "0" });
    await using two = await startOrigin({ name: "1" });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [one, two], sticky }] });
    const first = await exchange(proxy.port, get());
    const cookie = first.header("set-cookie")!.split(";")[0]!;
    const slot = Number(first.text);
    const bound = get("/", `Cookie: a=b; ${cookie}\r\n`);
    const inSeveral = [
      `Cookie: a=b\r\nCookie: ${cookie}\r\n`,
      `Cookie: ${cookie}\r\nX: y\r\ncookie: a=b\r\n`,
    ].map((fields) => get("/", fields));
    for (const bytes of [bound, bound, ...inSeveral, bound]) {
      const answer = await exchange(proxy.port, bytes);
      assert.equal(answer.text, first.text);
      assert.equal(answer.header("set-cookie"), undefined);
    }
    proxy.setState(slot, TAKES_BOUND);
    assert.equal((await exchange(proxy.port, bound)).text, first.text);
    for (let n = 0; n < 3; n++) {
      assert.notEqual((await exchange(proxy.port, get())).text, first.text);
    }
    proxy.setState(slot, 0);
    const moved = await exchange(proxy.port, bound);
    assert.notEqual(moved.text, first.text);
    assert.ok(moved.header("set-cookie"));
  });

  test("stay when an idle connection turns out to be closed", async () => {
    const servers = ["0", "1"].map((name) => {
      const server = createServer((socket) => {
        socket.on("error", () => {}); // reset below
        let served = false;
        socket.on("data", () => {
          // The second request on a connection meets its end.
          if (served) socket.resetAndDestroy();
          else socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${name}`);
          served = true;
        });
      });
      return server.listen(0, "127.0.0.1");
    });
    const ports = await Promise.all(
      servers.map(async (server) => {
        if (!server.listening) await once(server, "listening");
        return (server.address() as AddressInfo).port;
      }),
    );
    await using proxy = await startProxy({ upstreams: [{ endpoints: ports, sticky }] });
    const first = await exchange(proxy.port, get());
    const cookie = first.header("set-cookie")!.split(";")[0]!;
    for (let n = 0; n < 4; n++) {
      const answer = await exchange(proxy.port, get("/", `Cookie: ${cookie}\r\n`));
      assert.equal(answer.text, first.text);
      assert.equal(answer.header("set-cookie"), undefined);
    }
    assert.equal(proxy.board.failuresInARow[Number(first.text)], 0);
    for (const server of servers) server.close();
  });

  test("are retried elsewhere when their endpoint fails, and forged cookies bind nobody", async () => {
    await using one = await startOrigin({ name: "0" });
    await using two = await startOrigin({ name: "1" });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [one, two], sticky }] });
    const first = await exchange(proxy.port, get());
    const cookie = first.header("set-cookie")!.split(";")[0]!;
    await [one, two][Number(first.text)]!.stop();
    const moved = await exchange(proxy.port, get("/", `Cookie: ${cookie}\r\n`));
    assert.equal(moved.status, 200);
    assert.notEqual(moved.text, first.text);
    const forged = await exchange(proxy.port, get("/", `Cookie: ${cookie}x\r\n`));
    assert.ok(forged.header("set-cookie"));
  });
});

describe("a route", () => {
  test("finds a cookie in whichever field, and its policy the same key", async () => {
    const names = ["0", "1", "2", "3"];
    await using stack = new AsyncDisposableStack();
    const origins = await Promise.all(names.map((name) => startOrigin({ name })));
    for (const origin of origins) stack.use(origin);
    const cookies = [{ name: "v", match: { kind: "exact", value: "2" } }] as const;
    const key = [{ kind: "cookie", name: "user" }] as const;
    const balance = { policy: "hash", key, algorithm: "maglev", boundedLoadPercent: 0 } as const;
    await using proxy = await startProxy({
      upstreams: [{ endpoints: origins, balance }],
      routes: [{ match: { cookies } }],
    });
    const ask = (fields: string) => exchange(proxy.port, get("/", fields));
    assert.equal((await ask("Cookie: v=1\r\nCookie: user=u7\r\n")).status, 404);
    const { text } = await ask("Cookie: v=2; user=u7\r\n");
    const split = [
      "Cookie: v=2\r\nCookie: user=u7\r\n",
      "Cookie: user=u7\r\nCookie: a=1\r\nCookie: v=2\r\n",
    ];
    for (const fields of [...split, ...split]) assert.equal((await ask(fields)).text, text);
  });

  test("limits the rate with 429 and Retry-After", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [
        {
          rateLimit: {
            perSecond: 0.2,
            burst: 2,
            key: { kind: "client", name: "" },
            maxKeys: 16,
            storage: undefined,
          },
        },
      ],
    });
    await using client = await connectRaw(proxy.port);
    const statuses: number[] = [];
    let retryAfter = "";
    for (let n = 0; n < 4; n++) {
      client.send(get());
      const answer = await client.readResponse();
      statuses.push(answer.status);
      retryAfter = answer.header("retry-after") ?? "";
    }
    assert.deepEqual(statuses.slice(-2), [429, 429]);
    assert.ok(statuses.includes(200));
    assert.match(retryAfter, /^[1-9]\d*$/);
    assert.equal(origin.requests.length, statuses.filter((status) => status === 200).length);
  });

  test("limits the rate by a header, which may come only once", async () => {
    await using origin = await startOrigin();
    const key = { kind: "header", name: "X-Api-Key" } as const;
    const rateLimit = { perSecond: 0.01, burst: 1, key, maxKeys: 16, storage: undefined };
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ rateLimit }],
    });
    await using client = await connectRaw(proxy.port);
    const cases = [
      ["X-Api-Key: real\r\n", 200],
      ["X-Api-Key: real\r\n", 429],
      ["X-Api-Key: real\r\nx-api-key: more\r\n", 400],
      ["X-Api-Key: real\r\nX-Api-Key: real\r\n", 400],
      ["X-Api-Key: other\r\n", 200],
      ["", 200],
      ["", 429],
    ] as const;
    for (const [fields, status] of cases) {
      assert.equal((await client.send(get("/", fields)).readResponse()).status, status, fields);
    }
    assert.equal(proxy.ended("bad_header"), 2);
  });

  const denials = [
    { name: "addresses", route: { access: { allow: [], deny: ["127.0.0.0/8"] } }, status: 403 },
    { name: "long targets", route: { limits: { uriBytes: 3 } }, status: 414 },
    { name: "other hosts", route: { match: { hosts: ["b.example"] } }, status: 404 },
  ];
  for (const { name, route, status } of denials) {
    test(`keeps out ${name}, and keeps the connection`, async () => {
      await using origin = await startOrigin();
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [origin] }],
        routes: [route],
      });
      await using client = await connectRaw(proxy.port);
      for (let n = 0; n < 2; n++) {
        client.send(get("/abc"));
        assert.equal((await client.readResponse()).status, status);
      }
      assert.equal(origin.connections.length, 0);
    });
  }
});

describe("a listener", () => {
  const heads = [
    { name: "a long request line", bytes: get(`/${"x".repeat(200)}`), status: 414 },
    { name: "long fields", bytes: get("/", `X: ${"x".repeat(600)}\r\n`), status: 431 },
    { name: "many fields", bytes: get("/", "X: y\r\n".repeat(20)), status: 431 },
  ];
  for (const { name, bytes, status } of heads) {
    test(`refuses ${name}`, async () => {
      await using origin = await startOrigin();
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [origin] }],
        listener: { limits: { requestLineBytes: 100, headerBytes: 500, headerCount: 10 } },
      });
      const answer = await exchange(proxy.port, bytes);
      assert.equal(answer.status, status);
      assert.equal(answer.header("connection"), "close");
      assert.equal(origin.connections.length, 0);
    });
  }

  test("takes so many connections and turns the others away", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { maxConnections: 2 },
    });
    await using one = await connectRaw(proxy.port);
    await using two = await connectRaw(proxy.port);
    for (const client of [one, two]) {
      client.send(get());
      assert.equal((await client.readResponse()).status, 200);
    }
    await using three = await connectRaw(proxy.port);
    assert.equal((await three.readResponse()).status, 503);
    await three.closed();
    one.reset();
    await waitFor("room", () => proxy.board.listenerConnections[0] === 1);
    assert.equal((await exchange(proxy.port, get())).status, 200);
  });

  test("serves nobody who reset the connection before it was taken", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ access: { allow: [], deny: ["127.0.0.0/8"] } }],
    });
    const post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    const client = `const s = require("net").connect(${proxy.port}, "127.0.0.1", () =>
      s.write(${JSON.stringify(post)}, () => s.resetAndDestroy()));`;
    // The proxy is on this thread, which waits: by the time it accepts the client is gone.
    execFileSync(process.execPath, ["-e", client]);
    assert.equal((await exchange(proxy.port, get())).status, 403);
    await proxy.quiet();
    assert.equal(proxy.ended("address_denied"), 1);
    assert.equal(origin.connections.length, 0);
    assert.equal(proxy.board.counters[0]!.worker[workerGauge.clientConnectionsTotal], 1);
  });

  test("serves 2,000 connections at once", async () => {
    await using origin = await startOrigin({ recordBytes: 0 });
    await using proxy = await startProxy({
      // Clients, proxy and origin share one thread here: what it takes its time for is not the point.
      routes: [{ timeouts: { connectMs: 30_000, firstByteMs: 30_000, totalMs: 60_000 } }],
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { headerMs: 60_000, keepAliveMs: 60_000 } },
    });
    const clients: RawClient[] = [];
    // A hundred at a time: the kernel's queue of connections to accept may be short.
    for (let taken = 100; taken <= 2_000; taken += 100) {
      const more = Array.from({ length: 100 }, () => connectRaw(proxy.port));
      clients.push(...(await Promise.all(more)));
      await waitFor("all to be taken", () => proxy.board.listenerConnections[0] === taken);
    }
    const answers = await Promise.all(
      clients.map((client) => client.send(get()).readResponse({ deadlineMs: 30_000 })),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });
});
