/** Request bodies: passed on as they come, held back, sent again, bounded, answered early. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, test } from "node:test";

import { endpointCounter, endpointRow } from "../../packages/evenkeel/src/board/board.ts";
import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const head = (method: string, fields: string): string =>
  `${method} /upload HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`;

/** True once a number did not change over 20 looks. */
function standsStill(look: () => number): () => boolean {
  let last = Number.NaN;
  let same = 0;
  return () => {
    const now = look();
    same = now === last ? same + 1 : 0;
    last = now;
    return same >= 20;
  };
}

describe("a request's body", () => {
  for (const replayBytes of [0, 10, 65_536]) {
    test(`arrives whole where ${replayBytes} bytes are kept to be sent again`, async () => {
      await using origin = await startOrigin();
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [origin] }],
        routes: [{ retry: { replayBytes } }],
      });
      await using client = await connectRaw(proxy.port);
      // The first half comes while the connection is still being dialled.
      await client.sendFlushed(`${head("POST", "Content-Length: 40\r\n")}${"a".repeat(20)}`);
      await waitFor("the head to arrive", () => origin.requests.length === 1);
      client.send("b".repeat(20));
      assert.equal((await client.readResponse()).status, 200);
      assert.equal(origin.requests[0]!.body.toString(), "a".repeat(20) + "b".repeat(20));
    });
  }

  for (const method of ["POST", "PUT", "PATCH", "DELETE", "GET"]) {
    test(`of nothing is told as such: ${method}`, async () => {
      await using origin = await startOrigin();
      await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
      await using client = await connectRaw(proxy.port);
      for (const length of ["0", "000"]) {
        client.send(head(method, `Content-Length: ${length}\r\n`));
        assert.equal((await client.readResponse()).status, 200);
      }
      client.send(head(method, ""));
      assert.equal((await client.readResponse()).status, 200);
      const lengths = origin.requests.map((request) => request.headers("content-length"));
      assert.deepEqual(lengths, [["0"], ["0"], []]);
    });
  }

  test("in chunks arrives in chunks, with its trailers", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(head("POST", "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"));
    client.send("005;ext=1\r\nhello\r\n");
    client.send("6\r\n world\r\n0\r\nX-Sum: 42\r\nContent-Length: 5\r\n\r\n");
    assert.equal((await client.readResponse()).status, 200);
    const [request] = origin.requests;
    assert.equal(request!.body.toString(), "hello world");
    assert.deepEqual(
      request!.trailers.filter(([name]) => name.toLowerCase() === "x-sum"),
      [["X-Sum", "42"]],
    );
    assert.ok(!request!.trailers.some(([name]) => name.toLowerCase() === "content-length"));
    assert.ok(!origin.receivedText.includes("ext=1"));
  });

  test("brings no trailers that its head may not bring", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ requestHeaders: { set: [["X-Role", "guest"]], add: [], remove: ["x-user"] } }],
      listener: { forwarded: { requestIdHeader: "x-request-id" } },
    });
    await using client = await connectRaw(proxy.port);
    const removed = "X-User: a\r\nx_role: a\r\nX-Request-Id: a\r\nX_Forwarded_For: 6.6.6.6\r\n";
    client.send(head("POST", "Transfer-Encoding: chunked\r\n"));
    client.send(`2\r\nhi\r\n0\r\nX-Sum: 1\r\n${removed}Content_Length: 9\r\nX-End: 2\r\n\r\n`);
    assert.equal((await client.readResponse()).status, 200);
    client.send(`${head("POST", "Transfer-Encoding: chunked\r\n")}0\r\n${removed}\r\n`);
    assert.equal((await client.readResponse()).status, 200);
    const [first, second] = origin.requests;
    assert.deepEqual(first!.trailers, [
      ["X-Sum", "1"],
      ["X-End", "2"],
    ]);
    assert.equal(first!.header("x-role"), "guest");
    assert.deepEqual(second!.trailers, []);
  });

  test("of many megabytes waits for an origin that does not read yet", async () => {
    const size = 64 << 20;
    await using origin = await startOrigin({ neverRead: true });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { idleMs: 800 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.send(head("PUT", `Content-Length: ${size}\r\n`)).send(Buffer.alloc(size));
    await waitFor(
      "the upload to stand still",
      standsStill(() => client.socket.bytesWritten),
    );
    // What is on its way lies in the kernel's buffers; the proxy holds next to nothing.
    const held = client.socket.writableLength;
    assert.ok(held > 32 << 20, `${held >> 20} MiB not taken`);
    client.reset();
  });

  test("that the origin takes no more of ends with 504 after the idle time", async () => {
    await using origin = await startOrigin({ neverRead: true });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { idleMs: 100 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.send(head("POST", `Content-Length: ${64 << 20}\r\n`)).send(Buffer.alloc(32 << 20));
    const answer = await client.readResponse({ deadlineMs: 3_000 });
    assert.equal(answer.status, 504);
    assert.equal(proxy.ended("idle_timeout"), 1);
  });
});

describe("an early answer", () => {
  test("to an unfinished upload is readable, and the connection ends", async () => {
    await using origin = await startOrigin({
      status: 413,
      answerBeforeRequestDone: true,
      body: "too much",
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(head("POST", "Content-Length: 100000000\r\n")).send(Buffer.alloc(100_000));
    const answer = await client.readResponse();
    client.send(Buffer.alloc(1_000_000));
    assert.equal(answer.status, 413);
    assert.equal(answer.text, "too much");
    assert.equal(answer.header("connection"), "close");
    assert.equal(await client.closed(), "end");
    await waitFor("the attempt's end", () => proxy.board.upstreamConnections[0] === 0);
  });

  for (const status of [417, 413]) {
    test(`of ${status} to an expectation is passed on`, async () => {
      await using origin = await startOrigin({ status, answerBeforeRequestDone: true });
      await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
      await using client = await connectRaw(proxy.port);
      client.send(head("POST", "Expect: 100-continue\r\nContent-Length: 10\r\n"));
      const answer = await client.readResponse();
      assert.equal(answer.status, status);
      assert.deepEqual(answer.interim, []);
      assert.equal(await client.closed(), "end");
    });
  }
});

describe("an origin that hangs up on an upload", () => {
  for (const { what, body, failures } of [
    { what: "is not blamed: it may have answered", body: "x", failures: 0 },
    { what: "is blamed once it had all of it", body: "xy", failures: 1 },
  ]) {
    test(what, async () => {
      const answerBeforeRequestDone = failures === 0;
      await using origin = await startOrigin({ answerBeforeRequestDone, resetAfterBytes: 0 });
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [{ port: origin.port, name: "one" }] }],
        routes: [{ retry: { attempts: 0 } }],
      });
      await using client = await connectRaw(proxy.port);
      client.send(`${head("POST", "Content-Length: 2\r\n")}${body}`);
      assert.equal((await client.readResponse()).status, 502);
      const row = endpointRow(0) + endpointCounter.failures;
      assert.equal(proxy.board.counters[0]!.endpoint[row], failures);
    });
  }
});

describe("Expect: 100-continue", () => {
  test("is passed on, and so is the go-ahead", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(head("POST", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
    assert.equal((await client.readResponse({ stopAtInterim: true })).status, 100);
    client.send("hello");
    assert.equal((await client.readResponse()).status, 200);
    assert.equal(origin.requests[0]!.body.toString(), "hello");
    assert.equal(origin.requests[0]!.header("expect"), "100-continue");
  });

  const asking = head("POST", "Expect: 100-continue\r\nContent-Length: 5\r\n");

  test("may be answered later than a body may pause", async () => {
    using stack = new DisposableStack();
    const server = createServer((socket) => {
      stack.defer(() => socket.destroy());
      socket.on("error", () => {}); // the proxy ends the connection of the second
      socket.on("data", (bytes) => {
        const text = bytes.toString();
        if (text === "hello") socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        const late = text.startsWith("POST") ? "100 Continue" : "413 Large\r\nContent-Length: 0";
        if (text !== "hello") setTimeout(() => socket.write(`HTTP/1.1 ${late}\r\n\r\n`), 250);
      });
    });
    stack.defer(() => server.close());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [port] }],
      listener: { timeouts: { bodyMs: 60 } },
    });
    await using client = await connectRaw(proxy.port);
    client.send(asking);
    assert.equal((await client.readResponse({ stopAtInterim: true })).status, 100);
    client.send("hello");
    assert.equal((await client.readResponse()).status, 200);
    client.send(asking.replace("POST", "PUT"));
    const refused = await client.readResponse();
    assert.deepEqual([refused.status, refused.interim.length], [413, 0]);
    assert.equal(await client.closed(), "end");
  });

  test("bounds the origin until it asks for the body, and the client from then on", async () => {
    await using silent = await startOrigin({ neverRead: true });
    await using asks = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [silent, asks], balance: { policy: "first" } }],
      routes: [{ timeouts: { firstByteMs: 250 } }],
      listener: { timeouts: { bodyMs: 60 } },
    });
    await using waiting = await connectRaw(proxy.port);
    const late = await waiting.send(asking).readResponse();
    assert.deepEqual([late.status, proxy.ended("first_byte_timeout")], [504, 1]);
    await using hasty = await connectRaw(proxy.port);
    const cut = await hasty.send(`${asking}he`).readResponse();
    assert.deepEqual([cut.status, proxy.ended("body_timeout")], [408, 1]);
    proxy.setState(0, 0);
    await using asked = await connectRaw(proxy.port);
    const silence = await asked.send(asking).readResponse();
    assert.deepEqual(
      silence.interim.map(({ status }) => status),
      [100],
    );
    assert.deepEqual([silence.status, proxy.ended("body_timeout")], [408, 2]);
  });

  test("does not take the bound off an origin that hangs afterwards", async () => {
    await using origin = await startOrigin({ hang: "before-answer" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { firstByteMs: 80 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.send(head("POST", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
    await client.readResponse({ stopAtInterim: true });
    client.send("hello");
    assert.equal((await client.readResponse({ deadlineMs: 1_000 })).status, 504);
  });
});

describe("a body over the route's bound", () => {
  const bodies = [
    { name: "by its length", request: head("POST", "Content-Length: 11\r\n") },
    {
      name: "by its chunks",
      request: `${head("POST", "Transfer-Encoding: chunked\r\n")}5\r\nhello\r\n6\r\n world\r\n`,
    },
  ];
  for (const { name, request } of bodies) {
    test(`is refused ${name}`, async () => {
      await using origin = await startOrigin();
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [origin] }],
        routes: [{ limits: { bodyBytes: 10 } }],
      });
      await using client = await connectRaw(proxy.port);
      client.send(request);
      const answer = await client.readResponse();
      assert.equal(answer.status, 413);
      assert.equal(await client.closed(), "end");
      assert.ok(origin.requests.every(({ done }) => !done));
    });
  }

  test("ends the connection also where all of it came at once", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ limits: { bodyBytes: 10 } }],
    });
    await using client = await connectRaw(proxy.port);
    const body = "b\r\nhello world\r\n0\r\n\r\n";
    const next = head("POST", "Content-Length: 40\r\n");
    client.send(`${head("POST", "Transfer-Encoding: chunked\r\n")}${body}${next}`);
    const answer = await client.readResponse();
    assert.equal(answer.status, 413);
    assert.equal(answer.header("connection"), "close");
    // To the client this is the body of its second request.
    client.send(head("GET", ""));
    assert.equal((await client.readUntilClose()).length, 0);
    assert.ok(!origin.receivedText.includes("GET"));
  });

  test("is taken at the bound exactly", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ limits: { bodyBytes: 10 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.send(`${head("POST", "Content-Length: 10\r\n")}0123456789`);
    assert.equal((await client.readResponse()).status, 200);
  });
});
