/** Upgraded connections: bytes of both sides, each side's end, and what is not let through. */
import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { describe, test } from "node:test";

import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const upgrade = (protocol = "websocket"): string =>
  `GET /ws HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";

/** An origin that hands over each connection with what came first. */
async function plainOrigin(serve: (socket: Socket, first: Buffer) => void) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    // Its end is what tests look at; how it comes is not.
    socket.on("error", () => {});
    socket.once("data", (first) => serve(socket, first));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("an upgraded connection", () => {
  test("carries bytes both ways, those sent early included", async () => {
    await using origin = await startOrigin({ upgrade: true });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(`${upgrade()}early`);
    const answer = await client.readResponse();
    assert.equal(answer.status, 101);
    assert.equal(answer.header("upgrade"), "websocket");
    assert.equal(answer.header("connection"), "upgrade");
    assert.equal((await client.readBytes(5)).toString(), "early");
    client.send("GET / HTTP/1.1\r\n\r\n");
    assert.equal((await client.readBytes(18)).toString(), "GET / HTTP/1.1\r\n\r\n");
    client.endWrite();
    assert.equal(await client.closed(), "end");
    assert.equal(origin.requests.length, 1);
  });

  test("passes on what the origin sent together with its 101", async () => {
    await using origin = await plainOrigin((socket) => socket.end(`${switching}hello`));
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin.port] }] });
    await using client = await connectRaw(proxy.port);
    client.send(upgrade());
    assert.equal((await client.readResponse()).status, 101);
    assert.equal((await client.readBytes(5)).toString(), "hello");
    client.endWrite();
    assert.equal(await client.closed(), "end");
  });

  test("lets one side go on after the other has ended", async () => {
    let got = "";
    await using origin = await plainOrigin((socket) => {
      socket.end(`${switching}bye`);
      socket.on("data", (bytes) => (got += bytes.toString()));
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin.port] }] });
    await using client = await connectRaw(proxy.port);
    client.send(upgrade());
    await client.readResponse();
    assert.equal((await client.readUntilClose()).toString(), "bye");
    client.send("still here");
    await waitFor("the client's words", () => got === "still here");
    client.endWrite();
    await proxy.quiet();
    assert.equal(proxy.board.failuresInARow[0], 0);
  });

  test("delivers all of a large upload whose both sides have ended", async () => {
    const size = 8 << 20;
    let got = 0;
    await using origin = await plainOrigin((socket) => {
      socket.end(switching);
      socket.pause();
      setTimeout(() => socket.resume(), 100);
      socket.on("data", (bytes) => (got += bytes.length));
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin.port] }] });
    await using client = await connectRaw(proxy.port);
    client.send(upgrade());
    await client.readResponse();
    client.send(Buffer.alloc(size, 97)).endWrite();
    await waitFor("all bytes", () => got === size);
  });

  test("holds each side back while the other does not read", async () => {
    const size = 32 << 20;
    await using origin = await startOrigin({ upgrade: true, recordBytes: 0 });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    const socket = connect({ port: proxy.port, host: "127.0.0.1" });
    socket.on("error", () => {}); // judged by what arrived
    socket.write(upgrade());
    let got = 0;
    await new Promise((resolve) => socket.once("data", resolve));
    socket.on("data", (bytes) => (got += bytes.length));
    socket.pause();
    socket.write(Buffer.alloc(size, 98));
    setTimeout(() => socket.resume(), 100);
    await waitFor("the echo", () => got === size, { withinMs: 8_000 });
    socket.destroy();
  });

  test("ends when nothing moves for its idle time", async () => {
    await using origin = await startOrigin({ upgrade: true });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ timeouts: { tunnelIdleMs: 80, totalMs: 60 } }],
    });
    await using client = await connectRaw(proxy.port);
    client.send(upgrade());
    await client.readResponse();
    client.send("x");
    await client.readBytes(1);
    assert.equal(await client.closed(1_000), "end");
  });

  test("ends when its client or its origin is reset", async () => {
    await using origin = await startOrigin({ upgrade: true });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(upgrade());
    await client.readResponse();
    client.reset();
    await waitFor("the origin's side to end", () => origin.openConnections === 0);
    await using other = await connectRaw(proxy.port);
    other.send(upgrade());
    await other.readResponse();
    await origin.stop({ reset: true });
    await other.closed();
  });
});

describe("an upgrade is refused", () => {
  const wrong = [
    { name: "that nobody asked for", request: "GET / HTTP/1.1\r\nHost: a\r\n\r\n" },
    { name: "to another protocol than was asked for", request: upgrade("foo") },
    { name: "to h2c, which is not offered on", request: upgrade("h2c") },
  ];
  for (const { name, request } of wrong) {
    test(name, async () => {
      await using origin = await plainOrigin((socket) => socket.write(`${switching}GET /evil`));
      await using proxy = await startProxy({ upstreams: [{ endpoints: [origin.port] }] });
      await using client = await connectRaw(proxy.port);
      client.send(request);
      const answer = await client.readResponse();
      assert.equal(answer.status, 502);
      assert.equal(proxy.ended("bad_response"), 1);
    });
  }

  test("h2c is not offered to the origin", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAA\r\n\r\n",
    );
    assert.equal((await client.readResponse()).status, 200);
    const [request] = origin.requests;
    assert.equal(request!.header("upgrade"), undefined);
    assert.equal(request!.header("http2-settings"), undefined);
    assert.equal(request!.header("connection"), undefined);
  });

  test("and an origin that answers normally instead is heard", async () => {
    await using origin = await startOrigin({ status: 404 });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(`${upgrade()}GET /next HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.equal((await client.readResponse()).status, 404);
    assert.equal((await client.readResponse()).status, 404);
    assert.equal(origin.requests[1]!.target, "/next");
  });

  test("with 426 names what the origin wants to be asked for", async () => {
    const fields = [
      ["Connection", "Upgrade"],
      ["Upgrade", "websocket, foo/2"],
      ["Sec-WebSocket-Version", "13"],
    ] as const;
    await using origin = await startOrigin({ status: 426, fields });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (const more of ["", "Connection: close\r\n"]) {
      client.send(`GET / HTTP/1.1\r\nHost: a\r\n${more}\r\n`);
      const answer = await client.readResponse();
      assert.equal(answer.status, 426);
      assert.equal(answer.header("upgrade"), "websocket, foo/2");
      assert.deepEqual(
        answer.headers("connection"),
        more === "" ? ["upgrade"] : ["upgrade", "close"],
      );
    }
    const old = await exchange(proxy.port, "GET / HTTP/1.0\r\n\r\n");
    assert.equal(old.header("upgrade"), undefined);
    origin.set({ status: 404 });
    assert.equal((await exchange(proxy.port, upgrade())).header("upgrade"), undefined);
  });
});
