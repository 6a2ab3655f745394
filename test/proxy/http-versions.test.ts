/** HTTP/1.1 and 1.0 on both sides: order, framing, interim answers, targets, what is told on. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";

const get = (path = "/", fields = "", version = "1.1"): string =>
  `GET ${path} HTTP/${version}\r\nHost: a.example\r\n${fields}\r\n`;

describe("connections", () => {
  test("are kept on both sides", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 5; n++) {
      client.send(get());
      assert.equal((await client.readResponse()).header("connection"), undefined);
    }
    assert.equal(origin.connections.length, 1);
  });

  test("end where client, limit or HTTP/1.0 say so", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      listener: { limits: { requestsPerConnection: 2 } },
    });
    for (const bytes of [get("/", "Connection: close\r\n"), get("/", "", "1.0"), get() + get()]) {
      await using client = await connectRaw(proxy.port);
      client.send(bytes);
      let answer = await client.readResponse();
      if (bytes === get() + get()) {
        assert.equal(answer.header("connection"), undefined);
        answer = await client.readResponse();
      }
      assert.equal(answer.header("connection"), "close");
      assert.equal(await client.closed(), "end");
    }
  });

  test("to an origin that closes after each answer are not used again", async () => {
    await using origin = await startOrigin({ close: true });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 3; n++) {
      client.send(get());
      const answer = await client.readResponse();
      assert.equal(answer.status, 200);
      assert.equal(answer.header("connection"), undefined);
    }
    assert.equal(origin.connections.length, 3);
  });

  test("to an origin that sends bytes behind its answer are not used again", async () => {
    await using origin = await startOrigin({
      garbage: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX: evil\r\n\r\n",
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 3; n++) {
      client.send(get());
      const answer = await client.readResponse();
      assert.equal(answer.text, "ok");
      assert.equal(answer.header("x"), undefined);
    }
    assert.equal(origin.connections.length, 3);
  });
});

describe("pipelined requests", () => {
  test("are answered in order, a slow first one too", async () => {
    await using origin = await startOrigin({
      respond: ({ target }) => ({ body: target, delayMs: target === "/0" ? 60 : 0 }),
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send([0, 1, 2, 3].map((n) => get(`/${n}`)).join(""));
    for (let n = 0; n < 4; n++) assert.equal((await client.readResponse()).text, `/${n}`);
  });

  test("may be a thousand, cut anywhere", async () => {
    await using origin = await startOrigin({
      respond: ({ target }) => ({ body: target }),
      recordBytes: 0,
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    const all = Array.from({ length: 1_000 }, (_, n) =>
      get(`/${n}`, `X: ${"x".repeat(n % 97)}\r\n`),
    );
    const bytes = all.join("");
    const sending = (async () => {
      for (let at = 0; at < bytes.length; at += 1_777) {
        await client.sendFlushed(bytes.slice(at, at + 1_777));
      }
    })();
    for (let n = 0; n < 1_000; n++) assert.equal((await client.readResponse()).text, `/${n}`);
    await sending;
  });

  test("may follow requests with bodies, and local answers", async () => {
    await using origin = await startOrigin({
      respond: ({ target, method }) => ({ body: `${method} ${target}` }),
    });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [
        {},
        {
          match: { path: { kind: "exact", value: "/local" } },
          action: { kind: "respond", status: 200, headers: [], body: "local" },
        },
      ],
    });
    await using client = await connectRaw(proxy.port);
    const bytes =
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" +
      get("/local") +
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n" +
      get("/local") +
      get("/3");
    // Every cut in two, to show that no boundary matters.
    for (let cut = 1; cut < bytes.length; cut += 7) {
      await client.sendFlushed(bytes.slice(0, cut));
      client.send(bytes.slice(cut));
      const answers = ["POST /1", "local", "POST /2", "local", "GET /3"];
      for (const text of answers) assert.equal((await client.readResponse()).text, text);
    }
    assert.equal(origin.requests[0]!.body.toString(), "hello");
    assert.equal(origin.requests[1]!.body.toString(), "GET /");
  });

  test("behind one that is refused are not served", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send(`${get("/1")}GET /2 HTTP/1.1\r\n\r\n${get("/3")}`);
    assert.equal((await client.readResponse()).status, 200);
    const refused = await client.readResponse();
    assert.equal(refused.status, 400);
    assert.equal(refused.header("connection"), "close");
    assert.equal((await client.readUntilClose()).length, 0);
    assert.equal(origin.requests.length, 1);
  });
});

describe("answers", () => {
  const body = "0123456789".repeat(5_000);
  const framings = [
    { name: "with a length", origin: { body }, framing: "length" },
    { name: "in chunks", origin: { body, chunked: true }, framing: "chunked" },
    { name: "up to the close", origin: { body, untilClose: true }, framing: "chunked" },
    {
      name: "of an HTTP/1.0 origin",
      origin: { body, untilClose: true, version: "1.0" as const },
      framing: "chunked",
    },
  ];
  for (const one of framings) {
    test(`${one.name} reach clients of HTTP/1.1 and 1.0 whole`, async () => {
      await using origin = await startOrigin(one.origin);
      await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
      await using client = await connectRaw(proxy.port);
      for (let n = 0; n < 2; n++) {
        client.send(get());
        const answer = await client.readResponse();
        assert.equal(answer.framing, one.framing);
        assert.ok(answer.text === body);
      }
      const old = await exchange(proxy.port, get("/", "", "1.0"));
      assert.equal(old.framing, one.framing === "length" ? "length" : "close");
      assert.equal(old.header("transfer-encoding"), undefined);
      assert.ok(old.text === body);
    });
  }

  test("to HTTP/1.0 clients that ask for it keep the connection", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 2; n++) {
      client.send(get("/", "Connection: keep-alive\r\n", "1.0"));
      const answer = await client.readResponse();
      assert.equal(answer.header("connection"), "keep-alive");
    }
  });

  test("have their trailers passed on", async () => {
    await using origin = await startOrigin({ body: "hello", trailers: [["X-Sum", "42"]] });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 2; n++) {
      client.send(get());
      const answer = await client.readResponse();
      assert.equal(answer.text, "hello");
      assert.deepEqual(answer.trailers, [["X-Sum", "42"]]);
    }
    const old = await exchange(proxy.port, get("/", "", "1.0"));
    assert.equal(old.text, "hello");
  });

  test("without a body leave the connection in step: HEAD, 204, 304", async () => {
    await using origin = await startOrigin({
      body: "hello",
      respond: ({ target }) => ({ status: Number(target.slice(1)) }),
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    client.send("HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\n");
    const answer = await client.readResponse({ method: "HEAD" });
    assert.equal(answer.header("content-length"), "5");
    for (const status of [204, 304, 200]) {
      client.send(get(`/${status}`));
      assert.equal((await client.readResponse()).status, status);
    }
    assert.equal(client.unread.length, 0);
  });

  test("of 103 are passed on, but not to HTTP/1.0", async () => {
    await using origin = await startOrigin({ interim: [103, 102] });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    const answer = await exchange(proxy.port, get());
    assert.deepEqual(
      answer.interim.map(({ status }) => status),
      [103, 102],
    );
    const old = await exchange(proxy.port, get("/", "", "1.0"));
    assert.deepEqual(old.interim, []);
    assert.equal(old.status, 200);
  });

  test("keep what a route removes or sets out of interim answers and trailers too", async () => {
    await using origin = await startOrigin({
      garbage:
        "HTTP/1.1 103 Early Hints\r\nX-Internal: 1\r\nX-Set: 1\r\nLink: </a>\r\n\r\n" +
        "HTTP/1.1 200 OK\r\nX-Internal: 1\r\nX-Set: 1\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "5\r\nhello\r\n0\r\nX-Internal: 1\r\nX-Sum: 42\r\nX_Set: 1\r\n\r\n",
    });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ responseHeaders: { set: [["X-Set", "2"]], add: [], remove: ["x-internal"] } }],
    });
    const answer = await exchange(proxy.port, get());
    assert.deepEqual(answer.interim, [{ status: 103, fields: [["Link", "</a>"]] }]);
    assert.equal(answer.header("x-internal"), undefined);
    assert.deepEqual(answer.headers("x-set"), ["2"]);
    assert.equal(answer.text, "hello");
    assert.deepEqual(answer.trailers, [["X-Sum", "42"]]);
  });

  test("of 100 that nobody asked for are not", async () => {
    await using origin = await startOrigin({ interim: [100] });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    assert.deepEqual((await exchange(proxy.port, get())).interim, []);
  });

  test("have a date and no hop-by-hop fields", async () => {
    await using origin = await startOrigin({
      fields: [
        ["Connection", "X-Secret"],
        ["X-Secret", "1"],
        ["Keep-Alive", "timeout=5"],
        ["Proxy-Authenticate", "Basic"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
      ],
    });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    const answer = await exchange(proxy.port, get());
    for (const name of ["x-secret", "keep-alive", "proxy-authenticate"]) {
      assert.equal(answer.header(name), undefined, name);
    }
    assert.deepEqual(answer.headers("set-cookie"), ["a=1", "b=2"]);
    assert.ok(!Number.isNaN(Date.parse(answer.header("date") ?? "")));
  });
});

describe("what the origin is told", () => {
  const seen = async (
    bytes: string,
    listener: Parameters<typeof startProxy>[0] = {},
  ): Promise<(name: string) => string[]> => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }], ...listener });
    const answer = await exchange(proxy.port, bytes);
    assert.equal(answer.status, 200);
    const [request] = origin.requests;
    return (name) => (name === ":target" ? [request!.target] : request!.headers(name));
  };

  const targets = [
    { name: "absolute form", line: "GET http://b.example:81/x?y HTTP/1.1", target: "/x?y" },
    { name: "absolute form without a path", line: "GET http://b.example HTTP/1.1", target: "/" },
  ];
  for (const { name, line, target } of targets) {
    test(`of ${name}: origin form, and the target's host`, async () => {
      const field = await seen(`${line}\r\nHost: a.example\r\n\r\n`);
      assert.deepEqual(field(":target"), [target]);
      assert.deepEqual(field("host"), [line.includes(":81") ? "b.example:81" : "b.example"]);
    });
  }

  test("of OPTIONS *: the same", async () => {
    const field = await seen("OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n");
    assert.deepEqual(field(":target"), ["*"]);
  });

  test("of an HTTP/1.0 request without Host: a Host all the same", async () => {
    const field = await seen("GET / HTTP/1.0\r\n\r\n");
    assert.deepEqual(field("host"), ["u"]);
  });

  test("of an HTTP/1.0 request: no expectation, which it can't have", async () => {
    const fields = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nX-Next: 1\r\n";
    const field = await seen(`POST / HTTP/1.0\r\n${fields}\r\nhi`);
    assert.deepEqual(field("expect"), []);
    assert.deepEqual(field("x-next"), ["1"]);
  });

  test("no hop-by-hop fields, nor those named by Connection", async () => {
    const hops =
      "Connection: X-Secret, close\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: x\r\nProxy-Connection: keep-alive\r\n";
    const field = await seen(get("/", hops));
    const names = ["x-secret", "keep-alive", "te", "proxy-authorization", "proxy-connection"];
    for (const name of [...names, "connection"]) assert.deepEqual(field(name), [], name);
  });

  test("who the client is; what the client says of that is dropped", async () => {
    const spoofed =
      "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Request-ID: spoofed\r\n";
    const field = await seen(get("/", spoofed), {
      listener: { forwarded: { requestIdHeader: "x-request-id" } },
    });
    assert.deepEqual(field("x-forwarded-for"), ["127.0.0.1"]);
    assert.deepEqual(field("x-real-ip"), ["127.0.0.1"]);
    assert.deepEqual(field("x-forwarded-proto"), ["http"]);
    assert.deepEqual(field("x-forwarded-host"), ["a.example"]);
    assert.deepEqual(field("forwarded"), []);
    assert.equal(field("x-request-id").length, 1);
    assert.notEqual(field("x-request-id")[0], "spoofed");
  });

  test("nothing that an origin could take for what Evenkeel writes, or removes", async () => {
    const spoofed =
      "X_Forwarded_For: 6.6.6.6\r\nX-Real_IP: 6.6.6.6\r\nX_Request_ID: spoofed\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\nX_User: admin\r\nX_Other: 1\r\n";
    const parts = {
      routes: [{ requestHeaders: { set: [], add: [], remove: ["x-user"] } }],
      listener: { forwarded: { requestIdHeader: "x-request-id" } },
    };
    const field = await seen(get("/", spoofed), parts);
    const dropped = ["x_forwarded_for", "x-real_ip", "x_request_id", "content_length"];
    for (const name of [...dropped, "transfer_encoding", "x_user"]) {
      assert.deepEqual(field(name), [], name);
    }
    assert.deepEqual(field("x_other"), ["1"]);
  });

  test("what a trusted proxy says is believed and kept", async () => {
    const told =
      "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Request-ID: abcdef1234567890\r\n";
    const field = await seen(get("/", told), {
      listener: {
        trustedProxies: ["127.0.0.0/8"],
        forwarded: { requestIdHeader: "x-request-id" },
      },
    });
    assert.deepEqual(field("x-forwarded-for"), ["6.6.6.6, 127.0.0.1"]);
    assert.deepEqual(field("x-forwarded-proto"), ["https"]);
    assert.deepEqual(field("x-request-id"), ["abcdef1234567890"]);
  });

  test("nothing where a trusted proxy passes on a Forwarded that can't be read", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [{ access: { allow: ["127.0.0.0/8"], deny: [] } }],
      listener: { trustedProxies: ["127.0.0.0/8"], forwarded: { forwarded: true } },
    });
    await using client = await connectRaw(proxy.port);
    const lists = [
      'Forwarded: for="x\r\nForwarded: for=8.8.8.8\r\n',
      'Forwarded: for="x, for=8.8.8.8\r\n',
    ];
    for (const list of lists) {
      const answer = await client.send(get("/", list)).readResponse();
      assert.equal(answer.status, 400);
      assert.match(answer.text, /bad_header/);
    }
    const outside = await client.send(get("/", "Forwarded: for=8.8.8.8\r\n")).readResponse();
    assert.equal(outside.status, 403);
    assert.equal(origin.requests.length, 0);
    const unknown = await client.send(get("/", "Forwarded: for=unknown\r\n")).readResponse();
    assert.equal(unknown.status, 200);
    assert.deepEqual(origin.requests[0]!.headers("forwarded"), [
      "for=unknown, for=127.0.0.1;host=a.example;proto=http",
    ]);
  });

  const asked = (method: string, fields: string): string =>
    `${method} /x HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`;
  const forwards = [
    { method: "OPTIONS", sent: ["5"], told: ["4"] },
    { method: "TRACE", sent: ["1"], told: ["0"] },
    { method: "OPTIONS", sent: ["9".repeat(40)], told: [String(Number.MAX_SAFE_INTEGER - 1)] },
    { method: "OPTIONS", sent: ["-1"], told: ["-1"] },
    { method: "OPTIONS", sent: [""], told: [""] },
    { method: "TRACE", sent: ["0", "5"], told: ["0", "5"] },
    { method: "GET", sent: ["0"], told: ["0"] },
  ];
  for (const { method, sent, told } of forwards) {
    test(`Max-Forwards: ${told.join()} of ${method} with ${sent.join()}`, async () => {
      const lines = sent.map((value) => `Max-Forwards: ${value}\r\n`).join("");
      assert.deepEqual((await seen(asked(method, lines)))("max-forwards"), told);
    });
  }

  test("no Max-Forwards that the route takes away", async () => {
    const requestHeaders = { set: [], add: [], remove: ["max-forwards"] };
    const field = await seen(asked("OPTIONS", "Max-Forwards: 5\r\n"), {
      routes: [{ requestHeaders }],
    });
    assert.deepEqual(field("max-forwards"), []);
  });

  test("nothing of OPTIONS and TRACE that may go no further", async () => {
    await using origin = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [origin] }],
      routes: [
        {},
        {
          match: { path: { kind: "exact", value: "/no" } },
          access: { allow: ["10.0.0.1"], deny: [] },
        },
      ],
    });
    await using client = await connectRaw(proxy.port);
    client.send(asked("OPTIONS", "Max-Forwards: 0\r\n"));
    const options = await client.readResponse();
    assert.equal(options.status, 200);
    assert.equal(options.header("content-length"), "0");
    client.send(asked("TRACE", "Max-Forwards: 0\r\nCookie: secret\r\n"));
    const trace = await client.readResponse();
    assert.equal(trace.status, 501);
    assert.ok(!trace.text.includes("secret"));
    client.send(asked("OPTIONS", "Max-Forwards: 0\r\n").replace("/x", "/no"));
    assert.equal((await client.readResponse()).status, 403);
    assert.equal(origin.connections.length, 0);
  });

  test("by whom it was forwarded; a loop is refused", async () => {
    const listener = { listener: { forwarded: { via: true } } };
    assert.deepEqual((await seen(get(), listener))("via"), ["1.1 evenkeel"]);
    await using origin = await startOrigin();
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }], ...listener });
    const answer = await exchange(proxy.port, get("/", "Via: 1.1 other, 1.1 evenkeel\r\n"));
    assert.equal(answer.status, 508);
    assert.equal(origin.requests.length, 0);
  });
});
