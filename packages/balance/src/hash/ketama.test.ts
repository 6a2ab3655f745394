import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";

import * as fc from "fast-check";

import { peer, ringModel } from "../testing/nginx-model.ts";
import { buildKetama } from "./ketama.ts";

describe("ketama", () => {
  test("places keys as nginx's ring does", () => {
    const name = fc
      .tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }))
      .map(([address, port]) => `${address}:${port}`);
    const endpoint = fc.record({ name, weight: fc.integer({ min: 1, max: 5 }) });
    const groups = fc.uniqueArray(endpoint, {
      selector: (one) => one.name,
      minLength: 1,
      maxLength: 8,
    });
    const property = fc.property(
      groups,
      fc.array(fc.string({ unit: "binary-ascii" })),
      (group, keys) => {
        const ring = ringModel(group.map((one) => peer(one.name, one.weight)));
        const table = buildKetama(
          group.map((one) => one.name),
          group.map((one) => one.weight),
        );
        assert.equal(table.size, ring.length);
        for (const key of keys) {
          const expected = (ring.find(({ hash }) => hash >= crc32(key)) ?? ring[0])!.name;
          assert.equal(group[table.ownerAt(table.placeOf(key))]!.name, expected);
        }
        for (const [place, point] of ring.entries()) {
          assert.equal(group[table.ownerAt(place)]!.name, point.name);
        }
      },
    );
    fc.assert(property, { seed: 1, numRuns: 60 });
  });

  const names = [
    { name: "10.0.0.1:8080", host: "10.0.0.1", port: "8080" },
    { name: "shop.example", host: "shop.example", port: "" },
    { name: "[2001:db8::1]:443", host: "[2001:db8::1]", port: "443" },
    { name: "[2001:db8::1]", host: "[2001:db8::1]", port: "" },
    { name: "unix:/run/app.sock:8", host: "/run/app.sock:8", port: "" },
    { name: "UNIX:/run/app.sock", host: "/run/app.sock", port: "" },
  ];
  for (const { name, host, port } of names) {
    test(`"${name}" hashes as host "${host}" and port "${port}"`, () => {
      const firstPoint = crc32(Buffer.from(`${host}\0${port}\0\0\0\0`, "latin1"));
      const points = [firstPoint];
      for (let point = 1; point < 160; point++) {
        const previous = Buffer.alloc(4);
        previous.writeUInt32LE(points.at(-1)!);
        points.push(crc32(Buffer.concat([Buffer.from(`${host}\0${port}`, "latin1"), previous])));
      }
      points.sort((one, other) => one - other);
      const table = buildKetama([name], [1]);
      for (const key of ["a", "b", "c", "longer key", "x".repeat(50)]) {
        const at = points.findIndex((point) => point >= crc32(key));
        assert.equal(table.placeOf(key), at === -1 ? 160 : at);
      }
    });
  }

  test("a key that hashes to a point itself belongs to that point", () => {
    const table = buildKetama(["10.0.0.1:80", "10.0.0.2:80"], [1, 1]);
    const ring = ringModel([peer("10.0.0.1:80", 1), peer("10.0.0.2:80", 1)]);
    const key = "10.0.0.2\x0080\0\0\0\0";
    const place = ring.findIndex(({ hash }) => hash === crc32(Buffer.from(key, "latin1")));
    assert.equal(table.placeOf(key), place);
    assert.equal(table.ownerAt(place), 1);
  });

  test("a fractional weight gets its share of points, a tiny one a single point", () => {
    assert.equal(buildKetama(["a:1"], [0.5]).size, 80);
    assert.equal(buildKetama(["a:1"], [0.0001]).size, 1);
  });

  test("huge weights are scaled down to a bounded ring", () => {
    const table = buildKetama(["a:1", "b:1"], [65_535, 21_845]);
    assert.ok(table.size <= 1 << 20);
    let owned = 0;
    for (let place = 0; place < table.size; place++) if (table.ownerAt(place) === 0) owned++;
    assert.ok(Math.abs(owned / table.size - 0.75) < 0.01);
  });
});
