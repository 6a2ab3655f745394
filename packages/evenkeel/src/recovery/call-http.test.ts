import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { BODY_LIMIT_BYTES, callHttp } from "./call-http.ts";

const server = createServer((request, response) => {
  const { url = "" } = request;
  if (url === "/hang") return;
  if (url === "/big") {
    response.end("x".repeat(1_000_000));
    return;
  }
  if (url === "/moved") {
    response.writeHead(302, { location: "/fine" }).end();
    return;
  }
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () =>
    response.writeHead(url === "/bad" ? 500 : 200).end(`${request.method} ${body}`),
  );
});
let base = "";
before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const never = new AbortController().signal;
const call = (path: string, signal = never, body = "") =>
  callHttp(
    { method: body ? "POST" : "GET", url: base + path, headers: {}, body, expected: [[200, 299]] },
    signal,
  );

describe("a call", () => {
  test("is judged by its status, and the beginning of the answer is kept", async () => {
    assert.deepEqual(await call("/fine", never, "hello"), {
      ok: true,
      text: `POST ${base}/fine answered 200`,
      output: "POST hello",
    });
    const bad = await call("/bad");
    assert.deepEqual([bad.ok, bad.text], [false, `GET ${base}/bad answered 500`]);
    assert.equal((await call("/big")).output.length, BODY_LIMIT_BYTES);
  });

  test("does not follow redirects", async () => {
    assert.equal((await call("/moved")).text, `GET ${base}/moved answered 302`);
  });

  test("ends at the abort", async () => {
    const outcome = await call("/hang", AbortSignal.timeout(50));
    assert.deepEqual(
      [outcome.ok, outcome.text],
      [false, `GET ${base}/hang did not answer in time`],
    );
  });

  test("says why nobody answers", async () => {
    const order = {
      method: "GET",
      url: "http://127.0.0.1:1/",
      headers: {},
      body: "",
      expected: [],
    };
    const outcome = await callHttp(order, never);
    assert.equal(outcome.text, "GET http://127.0.0.1:1/ failed: ECONNREFUSED");
  });
});
