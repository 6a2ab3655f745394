import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { Recent } from "./recent.ts";

describe("what was made of octets lately", () => {
  test("is the same as made anew, whatever came before", () => {
    const recent = new Recent((_bytes, _start, _end, text) => ({ text }));
    const text = fc.oneof(
      fc.constantFrom("/", "/a", "/b", "/aa", "/ab", "a.example", "b.example", ""),
      fc.uint8Array({ maxLength: 120 }).map((octets) => Buffer.from(octets).toString("latin1")),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (texts) => {
        for (const one of texts) {
          const bytes = Buffer.from(`<${one}>`, "latin1");
          assert.equal(recent.of(bytes, 1, bytes.length - 1).text, one);
        }
      }),
    );
  });

  test("is made again once, and then kept", () => {
    let made = 0;
    const recent = new Recent(() => ++made);
    const bytes = Buffer.from("/a /a /b");
    assert.equal(recent.of(bytes, 0, 2), 1);
    assert.equal(recent.of(bytes, 3, 5), 2);
    assert.equal(recent.of(bytes, 6, 8), 3);
    assert.equal(recent.of(bytes, 0, 2), 2);
    assert.equal(recent.of(bytes, 3, 5), 2);
  });

  test("is not kept of long ones", () => {
    let made = 0;
    const recent = new Recent(() => ++made);
    const bytes = Buffer.alloc(97, "a");
    for (let time = 1; time <= 4; time++) assert.equal(recent.of(bytes, 0, 97), time);
  });

  test("keeps 512 of them at most", () => {
    let made = 0;
    const recent = new Recent(() => ++made);
    const all = Array.from({ length: 2_000 }, (_, index) => Buffer.from(`/items/${index}`));
    const readAll = (): void => {
      for (const bytes of all)
        for (let time = 0; time < 2; time++) recent.of(bytes, 0, bytes.length);
    };
    readAll();
    assert.equal(made, 4_000);
    readAll();
    assert.equal(made >= 4_000 + 4_000 - 1_024, true);
  });
});
