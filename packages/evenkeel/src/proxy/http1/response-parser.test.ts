import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { reason } from "../../errors/catalogue.ts";
import { fieldId, type HeadLimits, NEED_MORE, REFUSED } from "./contract.ts";
import { createResponseParser } from "./response-parser.ts";

// What is accepted and refused is the corpus's business (test/corpus); here is what callers get.

const limits: HeadLimits = { lineBytes: 8192, headerBytes: 32_768, headerCount: 100 };

function parse(text: string): ReturnType<typeof createResponseParser> {
  const parser = createResponseParser();
  const bytes = Buffer.from(text, "latin1");
  assert.equal(parser.parse(bytes, 0, bytes.length, 0, limits, false), bytes.length);
  return parser;
}

describe("response parser", () => {
  const phrases = [
    { line: "HTTP/1.1 200 OK", status: 200, phrase: "OK" },
    { line: "HTTP/1.0 404 Not \xfc here", status: 404, phrase: "Not \xfc here" },
    { line: "HTTP/1.1 599 ", status: 599, phrase: "" },
    // Fuzzing found "\r" here, which would have been written into the client's status line.
    { line: "HTTP/1.1 200", status: 200, phrase: "" },
  ];
  for (const { line, status, phrase } of phrases) {
    test(`reads "${line}"`, () => {
      const parser = parse(`${line}\r\nContent-Length: 0\r\n\r\n`);
      assert.equal(parser.status, status);
      assert.equal(parser.phrase, phrase);
      assert.equal(parser.minorVersion, Number(line[7]));
    });
  }

  for (const status of [100, 204]) {
    test(`keeps a length of zero from crossing with ${status}`, () => {
      const parser = parse(`HTTP/1.1 ${status} X\r\nA: b\r\nContent-Length: 0\r\n\r\n`);
      assert.equal(parser.find(fieldId.contentLength), -1);
      assert.equal(parser.find(fieldId.namedByConnection), 1);
    });
  }

  test("lets the length cross with 304 and answers to HEAD", () => {
    const parser = parse("HTTP/1.1 304 X\r\nContent-Length: 7\r\n\r\n");
    assert.equal(parser.find(fieldId.contentLength), 0);
    assert.equal(parser.framing, "none");
    assert.equal(parser.contentLength, 0);
  });

  test("says that a connection whose end is the body's end does not persist", () => {
    assert.equal(parse("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n").keepAlive, false);
  });

  test("tells its refusals apart from the sizes it allows", () => {
    const parser = createResponseParser();
    const bad = Buffer.from("HTTP/1.1 200 OK\r\nX : y\r\n\r\n");
    assert.equal(parser.parse(bad, 0, bad.length, 0, limits, false), REFUSED);
    assert.equal(parser.refusal, reason.bad_response);
    const large = Buffer.from(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(101)}\r\n`);
    assert.equal(parser.parse(large, 0, large.length, 0, limits, false), REFUSED);
    assert.equal(parser.refusal, reason.response_header_too_large);
  });

  test("goes on where it stopped", () => {
    const parser = createResponseParser();
    const bytes = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let resume = 0;
    for (let end = 1; end < bytes.length - 5; end++) {
      assert.equal(parser.parse(bytes, 0, end, resume, limits, false), NEED_MORE, `at ${end}`);
      resume = parser.resume;
      assert.ok(resume > 0);
    }
    assert.equal(parser.parse(bytes, 0, bytes.length, resume, limits, false), bytes.length - 5);
    assert.equal(parser.contentLength, 5);
  });
});
