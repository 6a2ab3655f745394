import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { RequestBody } from "./request-body.ts";

/** Feeds the body in pieces; answers what is passed on, and where it ended in all of the bytes. */
function feed(body: RequestBody, bytes: Buffer, cuts: readonly number[]) {
  let passed = "";
  let at = 0;
  for (const end of [...cuts, bytes.length]) {
    if (body.done || body.refusal !== undefined || end <= at) continue;
    at = body.scan(bytes, at, end);
    for (let span = 0; span < body.spanCount; span++) {
      passed += bytes.toString("latin1", body.spans[2 * span], body.spans[2 * span + 1]);
    }
  }
  return { passed: passed + body.tail, at };
}

describe("a request's body", () => {
  test("of a length ends there, wherever reads are cut", () => {
    const bytes = Buffer.from("hello worldGET /");
    for (let cut = 0; cut <= bytes.length; cut++) {
      const body = new RequestBody("length", 11);
      assert.deepEqual(feed(body, bytes, [cut]), { passed: "hello world", at: 11 });
      assert.ok(body.done);
      assert.equal(body.received, 11);
    }
  });

  test("in chunks is passed on without extensions, with its trailers, wherever reads are cut", () => {
    const text = "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n";
    const bytes = Buffer.from(`${text}GET /`);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 6 }), (cuts) => {
        const body = new RequestBody("chunked", 0);
        const { passed, at } = feed(
          body,
          bytes,
          cuts.toSorted((a, b) => a - b),
        );
        assert.equal(passed, text.replace(";a=b", ""));
        assert.equal(at, text.length);
        assert.ok(body.done);
        assert.equal(body.received, 11);
      }),
    );
  });

  const bounds = [
    { name: "a length at the bound", framing: "length", length: 5, bytes: "hello", refused: false },
    { name: "a length over the bound", framing: "length", length: 6, bytes: "", refused: true },
    {
      name: "chunks at the bound",
      framing: "chunked",
      length: 0,
      bytes: "5\r\nhello\r\n0\r\n\r\n",
      refused: false,
    },
    {
      name: "chunks over the bound",
      framing: "chunked",
      length: 0,
      bytes: "5\r\nhello\r\n1\r\n!\r\n",
      refused: true,
    },
    {
      name: "a whole chunked body over the bound",
      framing: "chunked",
      length: 0,
      bytes: "6\r\nhello!\r\n0\r\n\r\n",
      refused: true,
    },
  ] as const;
  for (const { name, framing, length, bytes, refused } of bounds) {
    test(`${name} is ${refused ? "refused" : "taken"}`, () => {
      const body = new RequestBody(framing, length);
      body.limitTo(5);
      if (body.refusal === undefined) feed(body, Buffer.from(bytes), []);
      assert.equal(body.refusal?.code, refused ? "body_too_large" : undefined);
      // Nobody may go on behind a body that was refused.
      assert.equal(body.done, !refused);
    });
  }

  test("without a bound may be any size; malformed chunks are refused", () => {
    const body = new RequestBody("length", 1e15);
    body.limitTo(0);
    assert.equal(body.refusal, undefined);
    const broken = new RequestBody("chunked", 0);
    feed(broken, Buffer.from("5\r\nhello!\r\n"), []);
    assert.equal(broken.refusal?.code, "bad_chunk");
  });
});
