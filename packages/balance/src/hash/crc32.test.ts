import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as zlib from "node:zlib";

import * as fc from "fast-check";

import { crc32 } from "./crc32.ts";

describe("crc32", () => {
  test("gives the check value of the standard", () => {
    assert.equal(crc32("123456789"), 0xcbf43926);
    assert.equal(crc32(""), 0);
  });

  test("agrees with zlib on any bytes", () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(crc32(Buffer.from(bytes).toString("latin1")), zlib.crc32(bytes));
    });
    fc.assert(property, { seed: 1 });
  });
});
