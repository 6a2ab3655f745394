import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { runOpenLoop } from "./open-loop.ts";
import { type OriginOptions, startOrigin } from "./origin.ts";
import { startOriginProcess } from "./processes.ts";
import { connectRaw, exchange } from "./raw-client.ts";
import { waitFor } from "./wait-for.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

describe("origin and raw client", () => {
  const framings: [name: string, options: OriginOptions, framing: string, body: string][] = [
    ["a length", { body: "hello" }, "length", "hello"],
    ["chunks", { body: "hello", chunked: true }, "chunked", "hello"],
    ["the end of the connection", { body: "hello", untilClose: true }, "close", "hello"],
    ["no body at 204", { status: 204 }, "none", ""],
    ["a byte at a time", { body: "hi", byteEveryMs: 1 }, "length", "hi"],
    ["a large stream", { bodyBytes: 300_000 }, "length", "x".repeat(300_000)],
  ];
  for (const [name, options, framing, body] of framings) {
    test(`an answer framed by ${name} is read whole`, async () => {
      await using origin = await startOrigin(options);
      const answer = await exchange(origin.port, GET);
      assert.equal(answer.framing, framing);
      assert.equal(answer.text, body);
    });
  }

  test("interim answers and trailers are kept apart", async () => {
    await using origin = await startOrigin({ interim: [103], trailers: [["X-Sum", "1"]] });
    const answer = await exchange(origin.port, GET);
    assert.deepEqual(
      answer.interim.map(({ status }) => status),
      [103],
    );
    assert.deepEqual(answer.trailers, [["X-Sum", "1"]]);
  });

  test("requests with bodies of both framings are recorded with their raw bytes", async () => {
    await using origin = await startOrigin();
    await using client = await connectRaw(origin.port);
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    client.send(
      "POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n",
    );
    await client.readResponse();
    await client.readResponse();
    assert.deepEqual(
      origin.requests.map(({ target, body }) => [target, body.toString()]),
      [
        ["/a", "abc"],
        ["/b", "de"],
      ],
    );
    assert.match(origin.receivedText, /chunked\r\n\r\n2\r\nde\r\n0/);
  });

  test("a reset in the body is an error, not an answer", async () => {
    await using origin = await startOrigin({ body: "x".repeat(1_000), resetAfterBytes: 200 });
    await using client = await connectRaw(origin.port);
    client.send(GET);
    await assert.rejects(client.readResponse(), /ended \(reset\)/);
  });

  test("an answer that hangs ends in the deadline", async () => {
    await using origin = await startOrigin({ hang: "in-body", body: "0123456789" });
    await using client = await connectRaw(origin.port);
    client.send(GET);
    await assert.rejects(client.readResponse({ deadlineMs: 50 }), /longer than/);
    assert.match(client.unread.toString(), /01234$/);
  });

  test("an idle connection is closed on time", async () => {
    await using origin = await startOrigin({ closeIdleAfterMs: 20 });
    await using client = await connectRaw(origin.port);
    client.send(GET);
    await client.readResponse();
    assert.equal(await client.closed(), "end");
  });

  test("an early answer arrives before the body is sent", async () => {
    await using origin = await startOrigin({ answerBeforeRequestDone: true, status: 429 });
    await using client = await connectRaw(origin.port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
    assert.equal((await client.readResponse()).status, 429);
    assert.equal(origin.requests[0]?.done, false);
  });

  test("a tunnel echoes, the bytes sent with the request included", async () => {
    await using origin = await startOrigin({ upgrade: true });
    await using client = await connectRaw(origin.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nearly");
    assert.equal((await client.readResponse()).status, 101);
    client.send("late");
    assert.equal((await client.readBytes(9)).toString(), "earlylate");
  });

  const refused: [name: string, answer: string][] = [
    ["both framings", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na"],
    ["a bare LF", "HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\na"],
    [
      "a bad chunk size",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 1\r\na\r\n0\r\n\r\n",
    ],
    ["a bad status line", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"],
  ];
  for (const [name, garbage] of refused) {
    test(`the client refuses an answer with ${name}`, async () => {
      await using origin = await startOrigin({ garbage });
      await assert.rejects(exchange(origin.port, GET), /malformed|both|more than one|bare/);
    });
  }
});

test("an origin process can be killed and started again on its port", async () => {
  await using origin = await startOriginProcess({ name: "a" });
  assert.equal((await exchange(origin.port, GET)).header("x-origin"), "a");
  await origin.kill();
  await assert.rejects(connectRaw(origin.port));
  await origin.start();
  assert.equal((await exchange(origin.port, GET)).text, "a\n");
});

test("a fixed-rate run counts every request and every failure", async () => {
  let count = 0;
  await using origin = await startOrigin({
    respond: () =>
      ++count % 10 === 0 ? { status: 503 } : count % 25 === 1 ? { resetAfterBytes: 5 } : {},
  });
  const run = await runOpenLoop({
    url: `http://${origin.address}`,
    ratePerSecond: 500,
    durationMs: 200,
  });
  assert.equal(run.sent, 100);
  assert.equal(run.outcomes.length, 100);
  assert.equal(run.byStatus["503"], 10);
  assert.equal(run.byStatus["ECONNRESET"], 4);
  assert.equal(run.failures.length, 14);
});

test("waiting in vain names what was waited for", async () => {
  await assert.rejects(
    waitFor("the moon", () => false, { withinMs: 20 }),
    /waited 20 ms in vain for the moon; last seen: false/,
  );
});
