import assert from "node:assert/strict";
import { test } from "node:test";

import { assert as check, integer, pre, property } from "fast-check";

import { bodyBytes, readBody, writeBody } from "./answer-body.ts";

const anyId = integer({ min: 0, max: 2 ** 32 - 1 });
const anyOrigin = integer({ min: 0, max: 255 });

test("a body tells the origin of its own request", () => {
  check(
    property(anyId, anyOrigin, (id, origin) => {
      assert.equal(readBody(writeBody(id, origin), id), origin);
    }),
  );
});

test("another request's body is refused", () => {
  check(
    property(anyId, anyId, (id, other) => {
      pre(id !== other);
      assert.equal(readBody(writeBody(other, 1), id), undefined);
    }),
  );
});

test("a body with one changed byte is refused, wherever it is", () => {
  check(
    property(
      integer({ min: 0, max: bodyBytes - 1 }),
      integer({ min: 1, max: 255 }),
      (at, change) => {
        const body = writeBody(7, 2);
        body[at] = body[at]! ^ change;
        assert.equal(readBody(body, 7), undefined);
      },
    ),
  );
});

test("a truncated body and one with more behind it are refused", () => {
  const body = writeBody(7, 2);
  assert.equal(readBody(body.subarray(0, bodyBytes / 2), 7), undefined);
  assert.equal(readBody(Buffer.concat([body, body]), 7), undefined);
});
