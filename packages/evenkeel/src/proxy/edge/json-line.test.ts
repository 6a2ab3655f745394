import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { AccessEntry } from "./contract.ts";
import { createJsonFormat, levelOf } from "./json-line.ts";
import { entry, lineOf } from "./testing/access-entry.ts";

describe("a JSON line", () => {
  test("has every field", () => {
    const text = lineOf(createJsonFormat("edge"), entry);
    assert.ok(text.endsWith("}\n"));
    assert.deepEqual(JSON.parse(text), {
      trace_id: "t1",
      level: "info",
      service_name: "edge",
      timestamp: "2026-11-21T12:38:57.042Z",
      request_id: "r1",
      listener: "web",
      method: "GET",
      host: "shop.example",
      client: "192.0.2.1",
      target: "/a?b=1",
      protocol: "HTTP/1.1",
      status: 200,
      reason: "",
      route: "api",
      upstream: "api-v1",
      endpoint: "10.0.0.1:8080",
      attempts: 2,
      duration_ms: 12.345,
      first_byte_ms: 9.001,
      bytes_received: 0,
      bytes_sent: 66,
      user_agent: "curl/8",
      referer: "",
    });
  });

  /** Each changes alone, so that nothing remembered from the line before may survive. */
  const changes: readonly Partial<AccessEntry>[] = [
    { listener: "other" },
    { host: "b" },
    { method: "PUT" },
    { clientAddress: "::1" },
    { target: "/b" },
    { minorVersion: 0 },
    { status: 404 },
    { status: 404, reason: "no_route" },
    { route: "r" },
    { upstream: "u" },
    { endpoint: "e:1" },
    { attempts: 1 },
    { attempts: 1, endpoint: "e:2" },
    { durationUs: 999 },
    { firstByteUs: 0 },
    { bytesReceived: 5 },
    { bytesSent: 5e9 },
    { userAgent: "x" },
    { referer: "http://y/" },
    { requestId: "r2", traceId: "r2" },
    { startedAtMs: entry.startedAtMs + 1 },
    { startedAtMs: entry.startedAtMs + 60_000 },
    { startedAtMs: entry.startedAtMs + 60_000, status: 500 },
  ];
  test("never repeats what an earlier line said", () => {
    const format = createJsonFormat("edge");
    lineOf(format, entry);
    for (const change of changes) {
      const changed = { ...entry, ...change };
      assert.equal(lineOf(format, changed), lineOf(createJsonFormat("edge"), changed));
      assert.equal(lineOf(format, entry), lineOf(createJsonFormat("edge"), entry));
    }
  });

  test("is right for more browsers and endpoints than are remembered, and for long ones", () => {
    const format = createJsonFormat("edge");
    for (let count = 0; count < 3_000; count++) {
      const text = `${count % 1_500}${"x".repeat(count % 300)}`;
      const one = { ...entry, attempts: 1, userAgent: text, endpoint: `${text}!` };
      const parsed = JSON.parse(lineOf(format, one));
      assert.deepEqual([parsed.user_agent, parsed.endpoint], [text, `${text}!`]);
    }
  });

  test("stays one line of valid JSON whatever is in it", () => {
    const hostile = 'a"b\\c\n\u0000\u007f\u00e9\u20ac';
    const all = {
      ...entry,
      requestId: hostile,
      traceId: `${hostile}!`,
      listener: hostile,
      route: hostile,
      upstream: hostile,
      endpoint: hostile,
      method: hostile,
      host: hostile,
      target: hostile,
      referer: hostile,
      userAgent: hostile,
    };
    const text = lineOf(createJsonFormat(hostile), all);
    assert.match(text, /^[ -~]+\n$/);
    const parsed = JSON.parse(text);
    assert.equal(parsed.service_name, hostile);
    assert.equal(parsed.target, hostile);
    assert.equal(parsed.user_agent, hostile);
    assert.equal(parsed.trace_id, `${hostile}!`);
  });

  const levels = [
    { status: 200, reason: "", level: "info" },
    { status: 404, reason: "", level: "info" },
    { status: 429, reason: "rate_limited", level: "warn" },
    { status: 0, reason: "client_closed", level: "warn" },
    { status: 200, reason: "origin_closed", level: "error" },
    { status: 500, reason: "", level: "error" },
    { status: 503, reason: "no_endpoint", level: "error" },
  ] as const;
  for (const { status, reason, level } of levels) {
    test(`of ${status} ${reason} is ${level}`, () =>
      assert.equal(levelOf({ ...entry, status, reason }), level));
  }
});
