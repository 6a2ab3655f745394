import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { hashString } from "./string-hash.ts";

describe("string hash", () => {
  test("stays what it is: keys must not move between versions", () => {
    const cases: [string, number, number][] = [
      ["", 0, 2872998923],
      ["a", 0, 444641715],
      ["a", 1, 3873127206],
      ["cart-17", 0, 1373429478],
      ["10.0.0.1:8080", 1868981875, 2519962255],
    ];
    for (const [text, seed, hash] of cases) assert.equal(hashString(text, seed), hash, text);
  });

  test("fills 256 buckets evenly with keys that differ in their last digits", () => {
    for (const seed of [0, 1, 0x6f666673]) {
      const buckets = new Int32Array(256);
      for (let key = 0; key < 25_600; key++) buckets[hashString(`user-${key}`, seed) % 256]!++;
      // Chi-squared with 255 degrees of freedom: mean 255, deviation 22.6.
      const chi = buckets.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
      assert.ok(chi < 255 + 5 * 22.6, `seed ${seed}: ${chi}`);
    }
  });

  test("seeds give independent hashes", () => {
    let equalBits = 0;
    for (let key = 0; key < 1_000; key++) {
      let differing = hashString(`k${key}`, 0) ^ hashString(`k${key}`, 1);
      for (; differing !== 0; differing &= differing - 1) equalBits--;
      equalBits += 32;
    }
    assert.ok(Math.abs(equalBits - 16_000) < 500, `${equalBits} of 32000 bits are equal`);
  });

  test("characters beyond one byte count in full", () => {
    assert.notEqual(hashString("\u0141", 0), hashString("\u0241", 0));
    assert.notEqual(hashString("A", 0), hashString("\u0141", 0));
  });
});
