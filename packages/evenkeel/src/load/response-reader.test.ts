import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { array, assert as assertProperty, constantFrom, integer, property } from "fast-check";

import { type ReadState, ResponseReader } from "./response-reader.ts";

/** Feeds a text in pieces that end at the given positions, through one buffer as a thread does. */
function readAll(
  text: string,
  cuts: readonly number[] = [],
  withoutBody = false,
): { state: ReadState; reader: ResponseReader } {
  const reader = new ResponseReader();
  const shared = Buffer.alloc(64 * 1024);
  reader.begin(withoutBody);
  let from = 0;
  let state: ReadState = "more";
  for (const to of [...new Set([...cuts, text.length])].sort((a, b) => a - b)) {
    if (to <= from || to > text.length) continue;
    assert.equal(state, "more", "the answer was over before its last byte");
    shared.write(text.slice(from, to), "latin1");
    state = reader.read(shared, to - from);
    shared.fill("#"); // Nothing of it may be used afterwards.
    from = to;
  }
  return { state, reader };
}

const whole: readonly [name: string, text: string, status: number, keepAlive: boolean][] = [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, true],
  ["no bytes", "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, true],
  ["no reason phrase", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, true],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1F;a=b\r\n0123456789012345678901234567890\r\n0\r\n\r\n",
    200,
    true,
  ],
  [
    "trailers",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\nX-A: b\r\nX-C: d\r\n\r\n",
    200,
    true,
  ],
  ["no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, true],
  [
    "not modified with a length",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    304,
    true,
  ],
  ["close", "HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", 200, false],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, false],
  [
    "HTTP/1.0 kept",
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
    200,
    true,
  ],
  [
    "interim answers",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
    500,
    true,
  ],
  [
    "the same length twice",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    200,
    true,
  ],
];

describe("whole answers", () => {
  for (const [name, text, status, keepAlive] of whole) {
    test(name, () => {
      const { state, reader } = readAll(text);
      assert.equal(state, "complete", reader.problem);
      assert.equal(reader.status, status);
      assert.equal(reader.keepAlive, keepAlive);
    });
  }

  test("an answer to HEAD has no body, whatever its length says", () => {
    const { state } = readAll("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", [], true);
    assert.equal(state, "complete");
  });

  test("one after another on one reader", () => {
    const reader = new ResponseReader();
    for (const [, text, status] of whole) {
      reader.begin(false);
      assert.equal(reader.begun, false);
      assert.equal(reader.read(Buffer.from(text), text.length), "complete");
      assert.equal(reader.status, status);
    }
  });

  test("any cuts lead to the same", () => {
    const cuts = array(integer({ min: 1, max: 200 }), { maxLength: 12 });
    assertProperty(
      property(constantFrom(...whole), cuts, ([, text, status, keepAlive], places) => {
        const { state, reader } = readAll(text, places);
        assert.equal(state, "complete", reader.problem);
        assert.equal(reader.status, status);
        assert.equal(reader.keepAlive, keepAlive);
      }),
    );
  });
});

describe("answers that end with the connection", () => {
  test("without a length", () => {
    const { state, reader } = readAll("HTTP/1.1 200 OK\r\n\r\nhello");
    assert.equal(state, "more");
    assert.equal(reader.keepAlive, false);
    assert.equal(reader.end(), "complete");
  });

  for (const [name, text] of [
    ["within a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"],
    ["within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe"],
    ["before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n"],
    ["within the head", "HTTP/1.1 200 OK\r\nConte"],
  ] as const) {
    test(`${name} it is cut off`, () => {
      const { state, reader } = readAll(text);
      assert.equal(state, "more");
      assert.equal(reader.begun, true);
      assert.equal(reader.end(), "broken");
    });
  }
});

describe("what is not HTTP/1.1", () => {
  for (const [name, text, problem] of [
    ["another protocol", "SSH-2.0-OpenSSH_9\r\n", /status line/],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", /status line/],
    ["a status beyond all", "HTTP/1.1 600 OK\r\n\r\n", /status line/],
    ["a switch of protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /101/],
    ["bytes after the end", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy", /1 bytes after/],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      /Content-Length/,
    ],
    ["a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", /Content-Length/],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      /both/,
    ],
    ["a field without a colon", "HTTP/1.1 200 OK\r\nwhatever\r\n\r\n", /colon/],
    [
      "a chunk without a size",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
      /without a size/,
    ],
    [
      "a chunk size that is none",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxy\r\n",
      /size that is none/,
    ],
    [
      "a chunk longer than its size",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      /longer than its size/,
    ],
    [
      "a chunk beyond all bounds",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffff\r\n",
      /beyond all bounds/,
    ],
  ] as const) {
    test(name, () => {
      const { state, reader } = readAll(text);
      assert.equal(state, "broken");
      assert.match(reader.problem, problem);
    });
  }

  test("a head without an end is bounded", () => {
    const reader = new ResponseReader();
    reader.begin(false);
    const start = Buffer.from("HTTP/1.1 200 OK\r\nX: ");
    assert.equal(reader.read(start, start.length), "more");
    const more = Buffer.alloc(16 * 1024, "x");
    let state: ReadState = "more";
    for (let count = 0; count < 5 && state === "more"; count++)
      state = reader.read(more, more.length);
    assert.equal(state, "broken");
    assert.match(reader.problem, /head of more than/);
  });
});
