/** Clients that are slow, stall or vanish: what they cost is bounded, and others don't notice. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { AccessFile } from "../../packages/evenkeel/src/proxy/testing/access-file.ts";
import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const get = (path = "/"): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
const post = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${length}\r\n\r\n`;

describe("a client that sends slowly", () => {
  test("is answered 408 when its head does not end", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { headerMs: 100 } },
    });
    await using client = await connectRaw(proxy.port);
    const drip = setInterval(() => client.send("X: y\r\n"), 20);
    client.send("GET / HTTP/1.1\r\nHost: a.example\r\n");
    const answer = await client.readResponse({ deadlineMs: 1_000 });
    clearInterval(drip);
    assert.equal(answer.status, 408);
    assert.equal(answer.header("connection"), "close");
    assert.equal(origin.connections.length, 0);
    assert.equal(proxy.ended("header_timeout"), 1);
  });

  test("is closed without an answer when it sends nothing at all", async () => {
    await using proxy = await startProxy({ listener: { timeouts: { headerMs: 60 } } });
    await using client = await connectRaw(proxy.port);
    assert.equal((await client.readUntilClose(1_000)).length, 0);
  });

  test("is closed when it is idle between requests", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { keepAliveMs: 60 } },
    });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    await client.readResponse();
    assert.equal(await client.closed(1_000), "end");
  });

  test("is answered 408 when its body does not end, and the origin is not blamed", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { bodyMs: 80 } },
    });
    await using client = await connectRaw(proxy.port);
    client.send(`${post(10)}12345`);
    const answer = await client.readResponse({ deadlineMs: 1_000 });
    assert.equal(answer.status, 408);
    assert.equal(answer.header("connection"), "close");
    await waitFor("the attempt to be given up", () => origin.openConnections === 0);
    assert.equal(origin.requests[0]!.done, false);
    assert.equal(proxy.board.failuresInARow[0], 0);
  });

  test("is closed without an answer when all it sent was an empty line behind a request", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { headerMs: 60 } },
    });
    await using client = await connectRaw(proxy.port);
    client.send(`${get()}\r\n`);
    assert.equal((await client.readResponse()).status, 200);
    assert.equal((await client.readUntilClose(1_000)).length, 0);
    await using other = await connectRaw(proxy.port);
    other.send(`${get()}\r\n${get()}`);
    assert.equal((await other.readResponse()).status, 200);
    assert.equal((await other.readResponse()).status, 200);
  });

  test("may have a head larger than what is held of pipelined requests", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { limits: { headerBytes: 200_000 } },
    });
    await using client = await connectRaw(proxy.port);
    client.send(`GET / HTTP/1.1\r\nHost: a.example\r\nX: ${"x".repeat(100_000)}`);
    client.send("y".repeat(50_000));
    client.send("\r\n\r\n");
    assert.equal((await client.readResponse()).status, 200);
    assert.equal(origin.requests[0]!.header("x")?.length, 150_000);
  });
});

describe("a client that does not read", () => {
  test("is cut after the send timeout, also while it goes on sending requests", async () => {
    await using origin = await startOrigin({ bodyBytes: 64 << 20 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { sendMs: 150 } },
    });
    await using client = await connectRaw(proxy.port);
    client.socket.pause();
    client.send(get());
    await waitFor("the request", () => origin.requests.length === 1);
    for (let n = 0; n < 4_000; n++) client.send(get());
    await waitFor("the cut", () => proxy.ended("client_too_slow") === 1, { withinMs: 2_000 });
    await waitFor("the origin to be let go", () => origin.openConnections === 0);
    assert.equal(proxy.board.failuresInARow[0], 0);
  });

  test("is cut while it uploads to an origin that answers as it reads", async () => {
    await using origin = await startOrigin({
      bodyBytes: 64 << 20,
      answerBeforeRequestDone: true,
      recordBytes: 0,
    });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { sendMs: 150 } },
    });
    await using client = await connectRaw(proxy.port);
    client.socket.pause();
    client.send(post(1 << 30));
    const upload = setInterval(() => client.send("x".repeat(1_000)), 5);
    await waitFor("the cut", () => proxy.ended("client_too_slow") === 1, { withinMs: 3_000 });
    clearInterval(upload);
  });

  test("is cut when all that is left is the end of its last answer", async () => {
    await using origin = await startOrigin({ bodyBytes: 16 << 20 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { timeouts: { sendMs: 150 } },
    });
    await using client = await connectRaw(proxy.port);
    client.socket.pause();
    client.send(`GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`).endWrite();
    await waitFor("the cut", () => proxy.board.listenerConnections[0] === 0, { withinMs: 3_000 });
  });
});

describe("a client that sends no more", () => {
  test("gets the answers to all it sent", async () => {
    await using origin = await startOrigin({ respond: ({ target }) => ({ body: target }) });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(get("/1") + get("/2") + get("/3")).endWrite();
    for (const path of ["/1", "/2", "/3"]) assert.equal((await client.readResponse()).text, path);
    assert.equal(await client.closed(), "end");
  });

  test("gets the answers before a request it did not finish", async () => {
    await using origin = await startOrigin({ respond: ({ target }) => ({ body: target }) });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(`${get("/1")}${get("/2")}GET /3 HTT`).endWrite();
    for (const path of ["/1", "/2"]) assert.equal((await client.readResponse()).text, path);
    assert.equal((await client.readUntilClose()).length, 0);
    assert.equal(client.ending, "end");
    assert.equal(origin.requests.length, 2);
  });

  test("is answered after a delay too", async () => {
    await using origin = await startOrigin({ delayMs: 50 });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(get()).endWrite();
    assert.equal((await client.readResponse()).status, 200);
  });
});

describe("a client that vanishes", () => {
  test("in the middle of its body ends the attempt and is nobody's failure", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    for (const vanish of ["reset", "endWrite"] as const) {
      await using client = await connectRaw(proxy.port);
      const before = origin.connections.length;
      await client.sendFlushed(`${post(10)}12345`);
      await waitFor("the attempt", () => origin.connections.length === before + 1);
      client[vanish]();
      await waitFor("the attempt's end", () => origin.openConnections === 0);
    }
    await waitFor("both to be counted", () => proxy.ended("client_closed") === 2);
    assert.equal(proxy.board.failuresInARow[0], 0);
  });

  test("while the origin works, or in the middle of its answer", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    for (const hang of ["before-answer", "in-body"] as const) {
      origin.set({ hang });
      await using client = await connectRaw(proxy.port);
      const before = origin.requests.length;
      client.send(get());
      await waitFor("the request", () => origin.requests.length === before + 1);
      client.reset();
      await proxy.quiet();
      assert.equal(proxy.board.upstreamConnections[0], 0);
    }
    assert.equal(proxy.board.failuresInARow[0], 0);
  });

  test("leaves its place in the queue", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [
        { endpoints: [{ port: origin.port, maxConns: 1 }], queue: { max: 5, timeoutMs: 5_000 } },
      ],
    });
    await using first = await connectRaw(proxy.port);
    first.send(get());
    await waitFor("the first", () => origin.requests.length === 1);
    await using second = await connectRaw(proxy.port);
    second.send(get());
    await waitFor("the second to wait", () => proxy.board.upstreamPending[0] === 1);
    second.reset();
    await waitFor("the place to be free", () => proxy.board.upstreamPending[0] === 0);
    first.reset();
  });
});

describe("with abort_on_close a client that sends no more", () => {
  const listener = { abortOnClose: true };

  test("has left: what it waits for is given up, and its place is free", async () => {
    await using origin = await startOrigin({
      respond: ({ target }) => (target === "/hang" ? { hang: "before-answer" } : { body: target }),
    });
    using access = new AccessFile();
    await using proxy = await startProxy({
      listener,
      upstreams: [
        { endpoints: [{ port: origin.port, maxConns: 1 }], queue: { max: 5, timeoutMs: 5_000 } },
      ],
      accessLog: access.settings,
    });
    await using first = await connectRaw(proxy.port);
    first.send(get("/hang"));
    await waitFor("the first", () => origin.requests.length === 1);
    await using second = await connectRaw(proxy.port);
    second.send(get("/queued"));
    await waitFor("the second to wait", () => proxy.board.upstreamPending[0] === 1);
    await using third = await connectRaw(proxy.port);
    third.send(get("/served"));
    await waitFor("the third to wait", () => proxy.board.upstreamPending[0] === 2);
    second.endWrite();
    await waitFor("its place in the queue", () => proxy.board.upstreamPending[0] === 1);
    first.endWrite();
    assert.equal((await third.readResponse()).text, "/served");
    for (const gone of [first, second]) assert.equal((await gone.readUntilClose()).length, 0);
    assert.equal(proxy.board.failuresInARow[0], 0);
    third.reset();
    await proxy.drain();
    assert.deepEqual(
      access.lines.map(({ target, status, reason }) => [target, status, reason]),
      [
        ["/queued", 499, "client_closed"],
        ["/hang", 499, "client_closed"],
        ["/served", 200, ""],
      ],
    );
  });

  test("has left in the middle of its answer, too", async () => {
    await using origin = await startOrigin({ hang: "in-body", body: "x".repeat(100_000) });
    await using proxy = await startProxy({ listener, upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    await waitFor("the answer", () => client.unread.length > 0);
    client.endWrite();
    assert.equal(await client.closed(), "reset");
    await proxy.quiet();
    assert.equal(proxy.board.upstreamConnections[0], 0);
    assert.equal(proxy.ended("client_closed"), 1);
  });

  test("is answered what was served before it left", async () => {
    await using origin = await startOrigin({ delayMs: 20 });
    await using proxy = await startProxy({ listener, upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    assert.equal((await client.readResponse()).status, 200);
    client.endWrite();
    assert.equal(await client.closed(), "end");
    assert.equal(proxy.ended("client_closed"), 0);
  });

  test("ends the sending side of an upgraded connection only", async () => {
    await using origin = await startOrigin({ upgrade: true });
    await using proxy = await startProxy({ listener, upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
    assert.equal((await client.readResponse()).status, 101);
    client.send("echo").endWrite();
    assert.equal((await client.readUntilClose()).toString(), "echo");
    assert.equal(client.ending, "end");
  });
});
