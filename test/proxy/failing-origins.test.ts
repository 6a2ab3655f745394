/** Origins that fail in every way: the client gets an answer that is true, or a connection that
 * breaks; never half an answer that looks whole. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { endpointCounter } from "../../packages/evenkeel/src/board/board.ts";
import type { ReasonCode } from "../../packages/evenkeel/src/errors/catalogue.ts";
import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { freePort } from "../support/free-port.ts";
import { type OriginOptions, startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const get = (path = "/", version = "1.1"): string =>
  `GET ${path} HTTP/${version}\r\nHost: a.example\r\n\r\n`;

interface Failing {
  readonly name: string;
  readonly origin: OriginOptions;
  readonly status: number;
  readonly reason: ReasonCode;
}

const beforeHead: readonly Failing[] = [
  { name: "resets", origin: { resetAfterBytes: 0 }, status: 502, reason: "origin_closed" },
  { name: "closes", origin: { closeAfterBytes: 0 }, status: 502, reason: "origin_closed" },
  {
    name: "breaks off in its head",
    origin: { closeAfterBytes: 20 },
    status: 502,
    reason: "origin_reset",
  },
  {
    name: "speaks another protocol",
    origin: { garbage: "SSH-2.0-x\r\n" },
    status: 502,
    reason: "bad_response",
  },
  {
    name: "has two lengths",
    origin: { fields: [["Content-Length", "7"]] },
    status: 502,
    reason: "bad_response",
  },
  {
    name: "has a huge head",
    origin: { fields: [["X", "x".repeat(70_000)]] },
    status: 502,
    reason: "response_header_too_large",
  },
  {
    name: "accepts and hangs",
    origin: { hang: "before-answer" },
    status: 504,
    reason: "first_byte_timeout",
  },
  {
    name: "drips its head for too long",
    origin: { byteEveryMs: 30 },
    status: 504,
    reason: "first_byte_timeout",
  },
];

describe("before its answer's head an origin", () => {
  for (const one of beforeHead) {
    test(`that ${one.name}: ${one.status}`, async () => {
      await using origin = await startOrigin(one.origin);
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [origin] }],
        routes: [{ timeouts: { firstByteMs: 80 }, retry: { attempts: 0 } }],
      });
      await using client = await connectRaw(proxy.port);
      for (let n = 0; n < 2; n++) {
        client.send(get());
        const answer = await client.readResponse({ deadlineMs: 1_000 });
        assert.equal(answer.status, one.status);
        // The client's connection is in order and stays.
        assert.notEqual(answer.header("connection"), "close");
      }
      assert.equal(proxy.ended(one.reason), 2);
      assert.equal(proxy.board.failuresInARow[0], 2);
    });
  }

  test("that sends interim answers without end: 502", async () => {
    await using origin = await startOrigin({ interim: Array.from({ length: 65 }, () => 103) });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    const answer = await exchange(proxy.port, get());
    assert.equal(answer.status, 502);
    assert.equal(answer.interim.length, 64);
    origin.set({ interim: Array.from({ length: 64 }, () => 103) });
    assert.equal((await exchange(proxy.port, get())).status, 200);
  });

  test("that refuses connections: 502", async () => {
    const dead = await freePort();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [dead] }] });
    assert.equal((await exchange(proxy.port, get())).status, 502);
    assert.equal(proxy.ended("connect_failed"), 1);
    const counters = proxy.board.counters[0]!.endpoint;
    assert.equal(counters[endpointCounter.connectFailures], 1);
  });

  test("that resets as soon as it accepts: 502", async () => {
    await using origin = await startOrigin({ resetOnAccept: true });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    assert.equal((await exchange(proxy.port, get())).status, 502);
    // Which of both depends on what is noticed first.
    assert.equal(proxy.ended("origin_closed") + proxy.ended("connect_failed"), 1);
  });

  test("that takes longer than the route's total: 504, whatever the other bounds", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { totalMs: 60 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    assert.equal((await client.readResponse({ deadlineMs: 1_000 })).status, 504);
    assert.equal(proxy.ended("total_timeout"), 1);
    origin.set({ hang: undefined as never });
    client.send(get());
    assert.equal((await client.readResponse()).status, 200);
  });
});

const inBody: readonly { readonly name: string; readonly origin: OriginOptions }[] = [
  { name: "resets", origin: { body: "x".repeat(200), resetAfterBytes: 200 } },
  { name: "closes too early", origin: { body: "x".repeat(200), closeAfterBytes: 200 } },
  {
    name: "closes within chunks",
    origin: { body: "x".repeat(200), chunked: true, closeAfterBytes: 200 },
  },
  {
    name: "resets in a body up to the close",
    origin: { body: "x".repeat(2000), untilClose: true, resetAfterBytes: 200 },
  },
  { name: "stands still", origin: { body: "x".repeat(200), hang: "in-body" } },
  {
    name: "stands still in chunks",
    origin: { body: "x".repeat(200), chunked: true, hang: "in-body" },
  },
];

describe("within its answer an origin", () => {
  for (const { name, origin: options } of inBody) {
    for (const version of ["1.1", "1.0"]) {
      test(`that ${name}: HTTP/${version} clients notice`, async () => {
        await using origin = await startOrigin(options);
        await using proxy = await startProxy({
          upstreams: [{ endpoints: [origin] }],
          routes: [{ timeouts: { idleMs: 80 }, retry: { answerBytes: 0 } }],
        });
        await assert.rejects(exchange(proxy.port, get("/", version)), /ended|reset/);
        assert.equal(origin.requests.length, 1);
        assert.equal(proxy.board.failuresInARow[0], 1);
      });
    }
  }

  test("that sends a byte now and then is in time", async () => {
    await using origin = await startOrigin({ body: "0123456789", byteEveryMs: 5 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { idleMs: 100 } }],
    });
    assert.equal((await exchange(proxy.port, get())).text, "0123456789");
  });
});

describe("a large answer", () => {
  test("to a slow reader takes no more memory than its buffers", async () => {
    const size = 256 << 20;
    await using origin = await startOrigin({ bodyBytes: size });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.socket.removeAllListeners("data");
    let got = 0;
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    client.socket.on("data", (bytes) => {
      got += bytes.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    client.send(get());
    await waitFor("all of it", () => got > size, { withinMs: 15_000 });
    // Garbage of three parties counts along; an answer held whole would show all the same.
    assert.ok(most < 96 << 20, `${most >> 20} MiB`);
  });

  test("waits for a reader longer than the idle time, and arrives whole", async () => {
    await using origin = await startOrigin({ bodyBytes: 16 << 20 });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { idleMs: 60 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.socket.pause();
    client.send(get());
    await waitFor("the request", () => origin.requests.length === 1);
    setTimeout(() => client.socket.resume(), 250);
    assert.equal((await client.readResponse()).body.length, 16 << 20);
  });
});

describe("an idle origin connection", () => {
  test("is closed before the origin says it would", async () => {
    await using origin = await startOrigin({ fields: [["Keep-Alive", "timeout=1"]] });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    assert.equal((await exchange(proxy.port, get())).status, 200);
    await waitFor("the close", () => proxy.board.upstreamConnections[0] === 0, { withinMs: 900 });
  });
});

describe("shutdown", () => {
  test("finishes what is in flight and accepts no more", async () => {
    await using origin = await startOrigin({ delayMs: 100 });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    await using idle = await connectRaw(proxy.port);
    client.send(get());
    await waitFor("the request", () => origin.requests.length === 1);
    const drained = proxy.drain(2_000);
    const answer = await client.readResponse();
    assert.equal(answer.status, 200);
    assert.equal(answer.header("connection"), "close");
    await idle.closed();
    await drained;
    await assert.rejects(connectRaw(proxy.port));
  });

  test("leaves a request that is just arriving its time, and answers it", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using arriving = await connectRaw(proxy.port);
    await using silent = await connectRaw(proxy.port);
    await using blank = await connectRaw(proxy.port);
    blank.send("\r\n");
    const [half, rest] = ["GET / HTTP/1.1\r\nHo", "st: a.example\r\n\r\n"];
    arriving.send(half);
    const clients = (): number => proxy.board.listenerConnections[0]!;
    await waitFor("all to be accepted", () => clients() === 3);
    // What a client sent before is read by now.
    await using last = await connectRaw(proxy.port);
    last.send(get());
    await last.readResponse();
    const drained = proxy.drain(5_000);
    await silent.closed();
    await blank.closed();
    arriving.send(rest);
    const answer = await arriving.readResponse();
    assert.deepEqual([answer.status, answer.header("connection")], [200, "close"]);
    for (const client of [arriving, silent, blank, last]) client.endWrite();
    await drained;
  });

  test("answers a head that does not come to its end when its time is over", async () => {
    await using proxy = await startProxy({ listener: { timeouts: { headerMs: 400 } } });
    await using client = await connectRaw(proxy.port);
    client.send("GET / HTTP/1.1\r\n");
    await waitFor("it to be accepted", () => proxy.board.listenerConnections[0] === 1);
    // What it sent before is read by now.
    assert.equal((await exchange(proxy.port, get())).status, 503);
    const drained = proxy.drain(5_000);
    assert.equal((await client.readResponse()).status, 408);
    assert.equal(proxy.ended("header_timeout"), 1);
    client.endWrite();
    await drained;
  });

  test("cuts what is left at the deadline", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    await waitFor("the request", () => origin.requests.length === 1);
    await proxy.drain(60);
    await client.closed();
  });
});

describe("a configuration change", () => {
  test("keeps what is in flight, serves new endpoints, leaves removed ones", async () => {
    await using old = await startOrigin({ name: "old", delayMs: 80 });
    await using fresh = await startOrigin({ name: "fresh" });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [old] }] });
    await using client = await connectRaw(proxy.port);
    client.send(get());
    await waitFor("the request", () => old.requests.length === 1);
    proxy.apply({ upstreams: [{ endpoints: [{ port: fresh.port, slot: 1 }] }] });
    assert.equal((await client.readResponse()).text, "old\n");
    client.send(get());
    assert.equal((await client.readResponse()).text, "fresh\n");
    await waitFor("the old pool to close", () => old.openConnections === 0);
  });
});
