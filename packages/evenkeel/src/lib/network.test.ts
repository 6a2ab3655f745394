import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { doNetworksOverlap, parseNetwork } from "./network.ts";

describe("networks overlap", () => {
  const cases: readonly [one: string, other: string, overlap: boolean][] = [
    ["10.0.0.0/8", "10.1.0.0/16", true],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.0.0.0/8", "11.0.0.0/8", false],
    ["0.0.0.0/0", "192.0.2.1", true],
    ["10.0.0.0/9", "10.128.0.0/9", false],
    ["fd00::/8", "fd12::1", true],
    ["fd00::/8", "fe80::/10", false],
    ["::/0", "10.0.0.0/8", false],
    ["::ffff:10.0.0.0/104", "10.1.0.0/16", true],
    ["::ffff:10.0.0.0/104", "11.0.0.0/8", false],
  ];
  for (const [one, other, overlap] of cases) {
    test(`${one} and ${other}: ${overlap}`, () => {
      const [a, b] = [parseNetwork(one)!, parseNetwork(other)!];
      assert.equal(doNetworksOverlap(a, b), overlap);
      assert.equal(doNetworksOverlap(b, a), overlap);
    });
  }
});
