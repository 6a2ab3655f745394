import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import { describeProbeContract, type Scene } from "../testing/probe-contract.ts";
import { tcpScene } from "../testing/tcp-scene.ts";
import { BODY_LIMIT_BYTES } from "./http.ts";
import type { ProbeResult } from "./probe.ts";
import { runProbe } from "./run-probe.ts";

type HttpSettings = Extract<ProbeSettings, { protocol: "http" }>;

const plain: HttpSettings = {
  protocol: "http",
  method: "GET",
  path: "/healthz",
  host: undefined,
  headers: [],
  expectedStatuses: [[200, 399]],
  expectedBody: undefined,
};

/** Answers every request head with these bytes and keeps the connection open. */
const answering =
  (...pieces: string[]) =>
  (socket: Socket): void => {
    socket.once("data", () => {
      for (const piece of pieces) socket.write(piece);
    });
  };
const body = (text: string, status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

const scene = (
  changes: Partial<HttpSettings>,
  serve: (socket: Socket) => void,
  timeoutMs?: number,
): Promise<Scene> =>
  tcpScene({ ...plain, ...changes }, serve, timeoutMs === undefined ? {} : { timeoutMs });

describeProbeContract("http", runProbe, {
  passing: () => scene({}, answering(body("fine"))),
  failing: () => scene({}, answering(body("", "503 Service Unavailable"))),
  silent: (timeoutMs) => scene({}, (socket) => socket.resume(), timeoutMs),
});

// A body that never ends must not outlive the check either.
describeProbeContract("http with a body", runProbe, {
  passing: () =>
    scene({ expectedBody: "fine" }, answering("HTTP/1.1 200 OK\r\n\r\nall is ", "fine…")),
  failing: () => scene({ expectedBody: "fine" }, answering(body("broken"))),
  silent: (timeoutMs) =>
    scene({ expectedBody: "fine" }, answering("HTTP/1.1 200 OK\r\n\r\nwait"), timeoutMs),
});

describe("http checks", () => {
  const cases: {
    name: string;
    changes?: Partial<HttpSettings>;
    serve: (socket: Socket) => void;
    verdict: ProbeResult["verdict"];
    detail: string;
  }[] = [
    {
      name: "an unexpected status",
      serve: answering(body("", "503 Busy")),
      verdict: "failed",
      detail: "GET /healthz answered 503, expected 200-399",
    },
    {
      name: "several ranges",
      changes: {
        expectedStatuses: [
          [200, 204],
          [301, 301],
        ],
      },
      serve: answering(body("", "302 Found")),
      verdict: "failed",
      detail: "GET /healthz answered 302, expected 200-204, 301",
    },
    {
      name: "a redirect is not followed",
      serve: answering(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
      ),
      verdict: "passed",
      detail: "GET /healthz answered 302",
    },
    {
      name: "the ends of a range",
      changes: { expectedStatuses: [[204, 204]] },
      serve: answering("HTTP/1.1 204 No Content\r\n\r\n"),
      verdict: "passed",
      detail: "GET /healthz answered 204",
    },
    {
      name: "HEAD",
      changes: { method: "HEAD" },
      serve: answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
      verdict: "passed",
      detail: "HEAD /healthz answered 200",
    },
    {
      name: "an interim answer",
      serve: answering("HTTP/1.1 103 Early Hints\r\n\r\n", body("ok")),
      verdict: "passed",
      detail: "GET /healthz answered 200",
    },
    {
      name: "the body without the text",
      changes: { expectedBody: "fine" },
      serve: answering(body("broken")),
      verdict: "failed",
      detail: "GET /healthz answered 200, but without the expected text",
    },
    {
      name: "the text across two pieces",
      changes: { expectedBody: "a long text" },
      serve: answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\na long\r\n",
        "5\r\n text\r\n0\r\n\r\n",
      ),
      verdict: "passed",
      detail: "GET /healthz answered 200 with the expected text",
    },
    {
      name: "the text at the very end of what is read",
      changes: { expectedBody: "fine" },
      serve: answering(body(`${"x".repeat(BODY_LIMIT_BYTES - 4)}fine`)),
      verdict: "passed",
      detail: "GET /healthz answered 200 with the expected text",
    },
    {
      name: "the text just behind what is read",
      changes: { expectedBody: "fine" },
      serve: answering(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(BODY_LIMIT_BYTES - 3)}fine`),
      verdict: "failed",
      detail: "GET /healthz answered 200, but without the expected text",
    },
    {
      name: "no HTTP",
      serve: answering("SSH-2.0-OpenSSH_9\r\n"),
      verdict: "failed",
      detail: "its answer is not valid HTTP",
    },
    {
      name: "a reset",
      serve: (socket) => socket.resetAndDestroy(),
      verdict: "failed",
      detail: "connection reset",
    },
    {
      name: "an end without an answer",
      serve: (socket) => socket.end(),
      verdict: "failed",
      detail: "connection reset",
    },
    {
      name: "a body cut off",
      changes: { expectedBody: "fine" },
      serve: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfi"),
      verdict: "failed",
      detail: "connection reset",
    },
    {
      name: "a path that can't be sent",
      changes: { path: "/a b" },
      serve: answering(body("")),
      verdict: "unknown",
      detail: "the check could not be started: Request path contains unescaped characters",
    },
  ];
  for (const { name, changes = {}, serve, verdict, detail } of cases) {
    test(name, async () => {
      await using place = await scene(changes, serve);
      const result = await runProbe(place.request, new AbortController().signal);
      assert.deepEqual([result.verdict, result.detail], [verdict, detail]);
    });
  }

  /** The head a check sends. */
  const headOf = async (changes: Partial<HttpSettings>): Promise<string[]> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    await using place = await scene(changes, async (socket) => {
      const [piece] = (await once(socket, "data")) as [Buffer];
      resolve(piece.toString("latin1"));
      socket.write(body(""));
    });
    await runProbe(place.request, new AbortController().signal);
    return (await promise).replaceAll(String(place.request.port), "PORT").trimEnd().split("\r\n");
  };
  test("the request by default", async () => {
    assert.deepEqual(await headOf({}), [
      "GET /healthz HTTP/1.1",
      "Host: 127.0.0.1:PORT",
      "User-Agent: evenkeel-health-check",
      "Accept: */*",
      "Connection: close",
    ]);
  });
  test("the request as configured", async () => {
    const lines = await headOf({
      method: "POST",
      host: "shop.example",
      headers: [
        ["X-Check", "1"],
        ["user-agent", "mine"],
      ],
    });
    assert.deepEqual(lines, [
      "POST /healthz HTTP/1.1",
      "Host: shop.example",
      "Accept: */*",
      "Content-Length: 0",
      "X-Check: 1",
      "user-agent: mine",
      "Connection: close",
    ]);
  });
});
