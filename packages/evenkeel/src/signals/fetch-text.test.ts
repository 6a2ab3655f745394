import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { fetchText } from "./fetch-text.ts";

const life = new AbortController().signal;

async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an answer with its status", async (t) => {
  const url = await serve(t, (request, response) => {
    response.statusCode = 418;
    response.end(`${request.method} ${String(request.headers["x-who"])}`);
  });
  const order = { url, method: "POST", headers: { "x-who": "me" }, body: "x" } as const;
  const fetched = await fetchText({ ...order, timeoutMs: 5000, mostBytes: 100 }, life);
  assert.deepEqual(fetched, { ok: true, status: 418, body: "POST me" });
});

test("more than the bound is refused, with or without a length", async (t) => {
  const url = await serve(t, (_, response) => {
    for (let part = 0; part < 10; part++) response.write("x".repeat(1000));
    response.end();
  });
  assert.deepEqual(await fetchText({ url, timeoutMs: 5000, mostBytes: 9999 }, life), {
    ok: false,
    problem: "more than 9999 bytes",
  });
  const whole = await fetchText({ url, timeoutMs: 5000, mostBytes: 10_000 }, life);
  assert.ok(whole.ok && whole.body.length === 10_000);
});

test("no answer in time", async (t) => {
  const url = await serve(t, () => undefined);
  assert.deepEqual(await fetchText({ url, timeoutMs: 50, mostBytes: 100 }, life), {
    ok: false,
    problem: "no answer within 50 ms",
  });
});

test("a body that does not end in time", async (t) => {
  const url = await serve(t, (_, response) => void response.write("x"));
  const fetched = await fetchText({ url, timeoutMs: 100, mostBytes: 100 }, life);
  assert.deepEqual(fetched, { ok: false, problem: "no answer within 100 ms" });
});

test("redirects are answers", async (t) => {
  const url = await serve(t, (_, response) => {
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const fetched = await fetchText({ url, timeoutMs: 5000, mostBytes: 100 }, life);
  assert.ok(fetched.ok && fetched.status === 302);
});

test("nobody listens", async (t) => {
  const url = await serve(t, () => undefined);
  const port = Number(new URL(url).port);
  const other = await serve(t, (request) => void request.socket.destroy());
  assert.deepEqual(await fetchText({ url: other, timeoutMs: 5000, mostBytes: 100 }, life), {
    ok: false,
    problem: "connection closed",
  });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const free = (closed.address() as AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  assert.notEqual(free, port);
  const order = { url: `http://127.0.0.1:${free}`, timeoutMs: 5000, mostBytes: 100 };
  assert.deepEqual(await fetchText(order, life), { ok: false, problem: "connection refused" });
});

test("the end of its owner ends it", async (t) => {
  const url = await serve(t, () => undefined);
  const owner = new AbortController();
  const fetching = fetchText({ url, timeoutMs: 60_000, mostBytes: 100 }, owner.signal);
  owner.abort();
  assert.equal((await fetching).ok, false);
});
