import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { readAddressOctets } from "./address-octets.ts";

function read(address: string): number[] {
  const octets = new Uint8Array(16).fill(0xee);
  return [...octets.subarray(0, readAddressOctets(address, octets))];
}

const nothing = [0, 0, 0];
const pad = (...tail: number[]) => [...Array.from({ length: 16 - tail.length }, () => 0), ...tail];

describe("address octets", () => {
  const cases: { address: string; octets: number[] }[] = [
    { address: "192.0.2.33", octets: [192, 0, 2] },
    { address: "255.255.255.255", octets: [255, 255, 255] },
    { address: "::", octets: pad() },
    { address: "::1", octets: pad(1) },
    { address: "1::", octets: [0, 1, ...Array.from({ length: 14 }, () => 0)] },
    { address: "::ffff:192.0.2.33", octets: pad(0xff, 0xff, 192, 0, 2, 33) },
    { address: "fe80::1%eth0", octets: [0xfe, 0x80, ...pad(1).slice(2)] },
    { address: "fe80::%eth0", octets: [0xfe, 0x80, ...pad().slice(2)] },
    {
      address: "2001:DB8::aBcD:2",
      octets: [0x20, 1, 0xd, 0xb8, ...pad(0xab, 0xcd, 0, 2).slice(4)],
    },
    { address: "1:2:3:4:5:6:7:8", octets: [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8] },
    { address: "1:2:3:4:5:6:1.2.3.4", octets: [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4] },
    { address: "1:2:3:4:5:6:7::", octets: [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0] },
  ];
  for (const { address, octets } of cases) {
    test(`reads ${address}`, () => assert.deepEqual(read(address), octets));
  }

  const malformed = [
    "",
    "unix:",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "1..2.3",
    "1.2.3.",
    "0001.2.3.4",
    "1.2.3.4 ",
    "a.b.c.d",
    ":",
    ":::",
    "1:2",
    "::1::",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "1:",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1::3:4:5:6:7:8:1.2.3.4",
    "::1.2.3",
    "[::1]",
    "%eth0",
    "1:2:3:4:5:6:7:",
  ];
  for (const address of malformed) {
    test(`takes "${address}" for no address`, () => assert.deepEqual(read(address), nothing));
  }

  test("reads every address as the platform writes it", () => {
    const bytes = fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 });
    const property = fc.property(bytes, (octets) => {
      const words = Array.from({ length: 8 }, (_, word) =>
        (octets[word * 2]! * 256 + octets[word * 2 + 1]!).toString(16),
      );
      const written = new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
      assert.deepEqual(read(written), octets);
      assert.deepEqual(read(words.join(":")), octets);
    });
    fc.assert(property, { seed: 3, numRuns: 500 });
  });
});
