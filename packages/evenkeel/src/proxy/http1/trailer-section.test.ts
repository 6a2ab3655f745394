import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { MOST_TRAILER_BYTES, mayTrail, TrailerSection } from "./trailer-section.ts";

function fed(text: string): TrailerSection {
  const section = new TrailerSection();
  for (const octet of Buffer.from(text, "latin1")) section.feed(octet);
  return section;
}

describe("trailer section", () => {
  test("may be as large as its bound and no larger", () => {
    const sectionOf = (bytes: number): string => `X: ${"a".repeat(bytes - 7)}\r\n\r\n`;
    assert.equal(fed(sectionOf(MOST_TRAILER_BYTES)).state, "done");
    assert.equal(fed(sectionOf(MOST_TRAILER_BYTES + 1)).state, "bad");
  });

  test("keeps fields around a dropped one", () => {
    const section = fed("A: 1\r\nHOST: x\r\nB:2\r\n\r\n");
    assert.equal(section.state, "done");
    assert.equal(section.text(), "A: 1\r\nB: 2\r\n\r\n");
  });

  test("takes nothing more when finished", () => {
    const section = fed("A: 1\r\n\r\nB: 2\r\n");
    assert.equal(section.state, "done");
    assert.equal(section.text(), "A: 1\r\n\r\n");
    assert.equal(fed("A : 1\r\n\r\n").state, "bad");
  });

  for (const name of [
    "host",
    "content-length",
    "transfer-encoding",
    "set-cookie",
    "x-forwarded-y",
  ]) {
    test(`drops ${name}`, () => assert.equal(mayTrail(name), false));
  }
  for (const name of ["x-sum", "server-timing", "grpc-status", "etag", "hosts", "x-forwarded"]) {
    test(`lets ${name} cross`, () => assert.equal(mayTrail(name), true));
  }
});
