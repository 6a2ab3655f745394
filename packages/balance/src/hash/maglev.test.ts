import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";

import * as fc from "fast-check";

import { buildMaglev, maglevSize } from "./maglev.ts";

const names = (count: number) => Array.from({ length: count }, (_, index) => `10.0.0.${index}:80`);

function shares(count: number, size: number, weights: ArrayLike<number>): number[] {
  const table = buildMaglev(names(count), weights, size);
  const owned = Array.from({ length: count }, () => 0);
  for (let place = 0; place < size; place++) owned[table.ownerAt(place)]!++;
  return owned;
}

describe("maglev", () => {
  const sizes = [
    { members: 1, size: 65_537 },
    { members: 655, size: 65_537 },
    { members: 656, size: 131_101 },
    { members: 10_000, size: 1_048_583 },
    { members: 16_384, size: 2_097_169 },
    { members: 100_000, size: 2_097_169 },
  ];
  for (const { members, size } of sizes) {
    test(`${members} members fill ${size} places, a prime`, () => {
      assert.equal(maglevSize(members), size);
      for (let factor = 2; factor * factor <= size; factor++) assert.notEqual(size % factor, 0);
    });
  }

  test("equal members own equal shares, to a place", () => {
    const owned = shares(100, 65_537, new Float64Array(100).fill(3));
    assert.ok(Math.max(...owned) - Math.min(...owned) <= 1, `${Math.min(...owned)}`);
  });

  test("weights share out the places, and everybody gets one", () => {
    const property = fc.property(
      fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(0.1, 65_535)), {
        minLength: 1,
        maxLength: 12,
      }),
      (weights) => {
        const size = 4_099;
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const [index, owned] of shares(weights.length, size, weights).entries()) {
          const fair = (size * weights[index]!) / total;
          assert.ok(owned >= 1);
          assert.ok(Math.abs(owned - fair) <= 2 + weights.length, `${owned} for ${fair}`);
        }
      },
    );
    fc.assert(property, { seed: 1, numRuns: 60 });
  });

  test("the order of listing does not matter", () => {
    const listed = names(30);
    const shuffled = [...listed.slice(11), ...listed.slice(0, 11)].reverse();
    const weights = (of: string[]) => of.map((name) => 1 + (name.length % 3));
    const one = buildMaglev(listed, weights(listed), 65_537);
    const other = buildMaglev(shuffled, weights(shuffled), 65_537);
    for (let place = 0; place < one.size; place++) {
      assert.equal(shuffled[other.ownerAt(place)], listed[one.ownerAt(place)]);
    }
  });

  const pinned: readonly (readonly [weights: number[], sum: number])[] = [
    [[1, 1, 1, 1, 1, 1, 1], 2_964_433_778],
    [[1, 2, 3, 4, 5, 0.5, 1], 2_702_032_327],
  ];
  for (const [weights, sum] of pinned) {
    test(`weights ${weights.join()}: keys stay where they are in every version`, () => {
      const table = buildMaglev(names(7), weights, 65_537);
      const owners = Uint8Array.from({ length: table.size }, (_, place) => table.ownerAt(place));
      assert.equal(crc32(owners), sum);
    });
  }

  test("places go round the circle", () => {
    const table = buildMaglev(names(3), [1, 1, 1], 65_537);
    assert.equal(table.ownerAt(65_537 + 5), table.ownerAt(5));
  });

  test("weights far apart among many members build in time proportional to the table", () => {
    const weights = new Float64Array(10_000).fill(1);
    weights[17] = 65_535;
    const startedMs = performance.now();
    const owned = shares(10_000, maglevSize(10_000), weights);
    assert.ok(Math.min(...owned) >= 1);
    assert.ok(
      performance.now() - startedMs < 5_000,
      "an all-members round per place takes minutes",
    );
  });
});
