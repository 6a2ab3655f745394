import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";

import { createDirect, type Direct } from "./direct.ts";

const LARGE_BYTES = 16 * 1024 * 1024;

/** A connected pair; `near` was made with `onread`, as `read` wants it. */
interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

describe("past the stream", () => {
  let server: Server;
  let direct: Direct;
  const shared = Buffer.alloc(64 * 1024);

  before(async () => {
    direct = createDirect();
    server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  async function pair(onread: (length: number) => void = () => undefined): Promise<Pair> {
    const { port } = server.address() as { port: number };
    const accepted = once(server, "connection");
    const near = connect({
      port,
      host: "127.0.0.1",
      allowHalfOpen: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          onread(length);
          return true;
        },
      },
    });
    await once(near, "connect");
    const [far] = (await accepted) as [Socket];
    return { near, far };
  }

  test("small writes arrive in their order among the socket's own", async () => {
    const { near, far } = await pair();
    assert.equal(direct.write(near, Buffer.from("one ")), "now");
    near.write("two ");
    direct.write(near, Buffer.from("three"));
    near.end();
    far.resume();
    let text = "";
    for await (const chunk of far) text += String(chunk);
    assert.equal(text, "one two three");
    far.end();
  });

  test("what does not fit follows by itself; until then the socket is to be asked", async () => {
    const { near, far } = await pair();
    const large = Buffer.alloc(LARGE_BYTES, "x");
    assert.equal(direct.write(near, large), "later");
    assert.equal(direct.write(near, Buffer.from("y")), "not");
    near.write("y");
    near.end();
    let received = 0;
    let last = 0;
    far.resume();
    for await (const chunk of far as AsyncIterable<Buffer>) {
      received += chunk.length;
      last = chunk.at(-1)!;
    }
    assert.equal(received, LARGE_BYTES + 1);
    assert.equal(last, "y".charCodeAt(0));
    far.end();
  });

  test("once it was sent, the next goes out directly again", async () => {
    const { near, far } = await pair();
    direct.write(near, Buffer.alloc(LARGE_BYTES));
    let received = 0;
    far.on("data", (chunk: Buffer) => (received += chunk.length));
    far.resume();
    // Its callback comes behind everything before it.
    await new Promise<void>((resolve) => void near.write("z", () => resolve()));
    assert.equal(direct.write(near, Buffer.from("y")), "now");
    near.destroy();
    await once(far, "end");
    assert.equal(received, LARGE_BYTES + 2);
    far.destroy();
  });

  test("a socket that is busy, ended or gone is to be asked", async () => {
    const { near, far } = await pair();
    const bytes = Buffer.from("x");
    near.cork();
    assert.equal(direct.write(near, bytes), "not");
    near.uncork();
    near.end();
    assert.equal(direct.write(near, bytes), "not");
    near.destroy();
    assert.equal(direct.write(near, bytes), "not");
    far.destroy();
    const dialling = connect({ port: 9, host: "127.0.0.1" });
    dialling.on("error", () => undefined);
    assert.equal(direct.write(dialling, bytes), "not");
    dialling.destroy();
  });

  test("a write that fails ends the socket with an error", async () => {
    const { near, far } = await pair();
    far.resetAndDestroy();
    const failed = once(near, "error");
    while (!near.destroyed) {
      direct.write(near, Buffer.from("x"));
      // oxlint-disable-next-line no-await-in-loop -- until the reset has arrived
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.match(error.code!, /^E(PIPE|CONNRESET)$/);
  });

  test("a write that is cut off by the end of its socket tells nobody", async () => {
    const { near, far } = await pair();
    assert.equal(direct.write(near, Buffer.alloc(LARGE_BYTES)), "later");
    near.on("error", (error) => assert.fail(error));
    near.destroy();
    await once(near, "close");
    far.destroy();
  });

  test("reads come past the stream, into another buffer once one is named", async () => {
    const heard: string[] = [];
    const { near, far } = await pair(() => heard.push("through the stream"));
    const other = Buffer.alloc(16);
    let readInto = shared;
    const told = new Promise<void>((resolve) => {
      const readDirectly = (length: number): Buffer => {
        heard.push(readInto.toString("latin1", 0, length));
        readInto = other;
        if (heard.length === 2) resolve();
        else far.write("two");
        return other;
      };
      direct.read(near, { readDirectly });
    });
    far.write("one");
    await told;
    assert.deepEqual(heard, ["one", "two"]);
    const ended = once(near, "end");
    far.end();
    await ended;
    near.destroy();
  });
});

test("without Node's words for results everything is the socket's", () => {
  const direct = createDirect({});
  assert.equal(direct.write({} as Socket, Buffer.from("x")), "not");
  direct.read({} as Socket, { readDirectly: () => assert.fail() });
});
