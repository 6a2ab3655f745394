import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { reason, reasons } from "../../errors/catalogue.ts";
import { createErrorPages, type ErrorContext, prefersJson } from "./error-page.ts";
import { createHttpDate } from "./http-date.ts";
import { createFixedAnswer } from "./local-response.ts";

const date = createHttpDate(() => Date.UTC(2026, 10, 21, 12, 38, 57, 999));
const pages = createErrorPages(date);
const context: ErrorContext = {
  isHead: false,
  keepAlive: true,
  extraLines: "",
  requestId: "r1",
  accept: undefined,
  retryAfterS: 0,
};

/** Head lines and body. */
function take(answer: string): { lines: string[]; body: string } {
  const end = answer.indexOf("\r\n\r\n");
  return { lines: answer.slice(0, end).split("\r\n"), body: answer.slice(end + 4) };
}

describe("an error page", () => {
  test("as text", () => {
    const { lines, body } = take(
      pages.render(reason.no_endpoint, { ...context, keepAlive: false }),
    );
    assert.equal(
      body,
      "503 Service Unavailable\n\nThe service is not available.\n\nReason: no_endpoint\nRequest: r1\n",
    );
    assert.deepEqual(lines, [
      "HTTP/1.1 503 Service Unavailable",
      "Date: Sat, 21 Nov 2026 12:38:57 GMT",
      "Content-Type: text/plain; charset=utf-8",
      "Cache-Control: no-store",
      `Content-Length: ${body.length}`,
      "Connection: close",
    ]);
  });

  test("as JSON, with a time to wait and more lines", () => {
    const answer = pages.render(reason.rate_limited, {
      ...context,
      accept: "application/json",
      retryAfterS: 7,
      extraLines: "X-Request-Id: r1\r\n",
    });
    const { lines, body } = take(answer);
    assert.deepEqual(JSON.parse(body), {
      status: 429,
      title: "Too Many Requests",
      detail: "Too many requests.",
      reason: "rate_limited",
      request_id: "r1",
    });
    assert.deepEqual(lines.slice(2), [
      "Content-Type: application/json",
      "Cache-Control: no-store",
      "Retry-After: 7",
      `Content-Length: ${body.length}`,
      "Connection: keep-alive",
      "X-Request-Id: r1",
    ]);
  });

  test("to HEAD has its length and no body", () => {
    const get = take(pages.render(reason.no_route, context));
    const head = take(pages.render(reason.no_route, { ...context, isHead: true }));
    assert.deepEqual(head, { lines: get.lines, body: "" });
  });

  test("without a request id does not speak of one", () => {
    const asText = pages.render(reason.bad_host, { ...context, requestId: "" });
    assert.doesNotMatch(asText, /Request:/);
    const asJson = pages.render(reason.bad_host, {
      ...context,
      requestId: "",
      accept: "application/json",
    });
    assert.doesNotMatch(asJson, /request_id/);
  });

  test("a hostile request id stays inside its quotes", () => {
    const hostile = { ...context, requestId: '"},{"<script>', accept: "application/json" };
    const { body } = take(pages.render(reason.bad_host, hostile));
    assert.equal(JSON.parse(body).request_id, '"},{"<script>');
  });

  for (const one of reasons.filter(({ status }) => status > 0)) {
    test(`${one.code} has a phrase for its status`, () =>
      assert.match(pages.render(one, context), /^HTTP\/1\.1 \d{3} [A-Z]/));
  }
});

describe("JSON is sent", () => {
  const cases = [
    { accept: "application/json", json: true },
    { accept: "application/problem+json", json: true },
    { accept: "application/json, text/plain, */*", json: false },
    { accept: "application/json, text/plain;q=0.9", json: true },
    { accept: "application/json;q=0.5, text/html", json: false },
    { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", json: false },
    { accept: "*/*", json: false },
    { accept: "application/json, */*", json: true },
    { accept: "application/json;q=0", json: false },
    { accept: "application/json;q=2", json: false },
    { accept: "APPLICATION/JSON ; Q=0.3", json: true },
    { accept: "", json: false },
    { accept: ";;,,=", json: false },
  ];
  for (const { accept, json } of cases) {
    test(`${json ? "for" : "not for"} "${accept}"`, () => assert.equal(prefersJson(accept), json));
  }
});

describe("a fixed answer", () => {
  test("has its headers, a type and its length in bytes", () => {
    const answer = createFixedAnswer(200, [["X-A", "1"]], "caf\u00e9", date)(context);
    const { lines, body } = take(answer);
    assert.deepEqual(lines.slice(2), [
      "X-A: 1",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Length: 5",
      "Connection: keep-alive",
    ]);
    assert.equal(Buffer.from(body, "latin1").toString("utf8"), "caf\u00e9");
  });

  test("keeps a type that was given", () => {
    const answer = createFixedAnswer(200, [["content-type", "text/html"]], "<p>", date)(context);
    assert.doesNotMatch(answer, /text\/plain/);
  });

  test("of 204 and 304 has neither length nor body", () => {
    for (const status of [204, 304]) {
      const { lines, body } = take(createFixedAnswer(status, [], "", date)(context));
      assert.deepEqual([lines.slice(2), body], [["Connection: keep-alive"], ""]);
    }
  });
});

test("the date is made anew once a second", () => {
  let now = 1_000;
  const next = createHttpDate(() => now);
  const first = next();
  now = 1_999;
  assert.equal(next(), first);
  now = 2_000;
  assert.equal(next(), "Thu, 01 Jan 1970 00:00:02 GMT");
});
