import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { readContentLength, readTransferEncoding } from "./body-framing.ts";

describe("content length", () => {
  test("reads every number that a length can be", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(3), (length, zeros) => {
        const digits = "0".repeat(zeros) + String(length);
        const expected = digits.length > 16 ? -1 : length;
        assert.equal(readContentLength(Buffer.from(`<${digits}>`), 1, digits.length + 1), expected);
      }),
    );
  });

  test("refuses every other text", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 18 }).filter((text) => !/^\d+$/.test(text)),
        (text) => assert.equal(readContentLength(Buffer.from(text, "latin1"), 0, text.length), -1),
      ),
    );
    assert.equal(readContentLength(Buffer.from("9007199254740992"), 0, 16), -1);
  });
});

describe("transfer encoding", () => {
  const cases = [
    { value: "CHUNKED", coding: "chunked" },
    { value: "gzip", coding: "unsupported" },
    { value: "gzip \t,  chunked", coding: "unsupported" },
    { value: "a;b=c ; d=e, chunked", coding: "unsupported" },
    { value: "chunked, chunked", coding: "malformed" },
    { value: "Chunked, gzip", coding: "malformed" },
    { value: "gzip, chunked;a=b", coding: "malformed" },
    { value: "gzip,,chunked", coding: "malformed" },
    { value: "a;b", coding: "malformed" },
    { value: "a;b=c=d", coding: "malformed" },
    { value: 'a;b="c"', coding: "malformed" },
    { value: "\u00a0chunked", coding: "malformed" },
    { value: "", coding: "malformed" },
  ];
  for (const { value, coding } of cases) {
    test(`finds "${value}" ${coding}`, () => {
      assert.equal(
        readTransferEncoding(Buffer.from(`:${value}:`, "latin1"), 1, value.length + 1),
        coding,
      );
    });
  }
});
