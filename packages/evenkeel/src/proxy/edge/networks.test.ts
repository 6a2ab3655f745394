import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { describe, test } from "node:test";

import { formatIpv4, parseIpv4, parseIpv6, plainAddress } from "./address.ts";
import { createNetworkSet } from "./networks.ts";

describe("a network set", () => {
  const set = createNetworkSet([
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.3",
    "192.168.5.77/24",
    "2001:db8::/32",
    "2001:db8:0:1::/64",
    "::1",
    "::ffff:172.16.0.0/108",
  ]);
  const cases = [
    { address: "10.9.9.9", longest: 8 },
    { address: "10.1.9.9", longest: 16 },
    { address: "10.1.2.3", longest: 32 },
    { address: "11.0.0.0", longest: -1 },
    { address: "192.168.5.1", longest: 24 },
    { address: "172.31.0.1", longest: 12 },
    { address: "::ffff:10.1.2.3", longest: 32 },
    { address: "::ffff:a01:203", longest: 32 },
    { address: "2001:db8::5", longest: 32 },
    { address: "2001:DB8:0:1::5", longest: 64 },
    { address: "2001:db9::", longest: -1 },
    { address: "::1", longest: 128 },
    { address: "::1%lo", longest: 128 },
    { address: "fe80::1%eth0", longest: -1 },
    { address: "", longest: -1 },
    { address: "unknown", longest: -1 },
    { address: "10.1.2.3.4", longest: -1 },
    { address: "10.1.2", longest: -1 },
    { address: "10.01.2.3", longest: -1 },
    { address: ":::", longest: -1 },
  ];
  for (const { address, longest } of cases) {
    test(`holds "${address}" to ${longest} bits`, () => {
      assert.equal(set.longest(address), longest);
      assert.equal(set.contains(address), longest >= 0);
    });
  }

  test("of everything holds everything", () => {
    const all = createNetworkSet(["0.0.0.0/0", "::/0"]);
    assert.deepEqual([all.longest("255.1.2.3"), all.longest("ff::1")], [0, 0]);
  });

  test("of nothing is empty and holds nothing", () => {
    const none = createNetworkSet([]);
    assert.deepEqual([none.isEmpty, none.contains("10.0.0.1")], [true, false]);
    assert.equal(set.isEmpty, false);
  });

  for (const bad of ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "1.2.3.4/a"]) {
    test(`refuses "${bad}"`, () => assert.throws(() => createNetworkSet([bad]), RangeError));
  }

  const ipv4 = fc.nat({ max: 0xffffffff }).map(formatIpv4);
  const ipv6 = fc
    .uint8Array({ minLength: 16, maxLength: 16 })
    .map((bytes) => ipaddr.fromByteArray([...bytes]).toString());

  test("agrees with a plain comparison", () => {
    // Few distinct high bits, so that networks do hold addresses.
    const near = fc.oneof(
      fc
        .tuple(fc.constantFrom(10, 11), fc.nat(3), fc.nat(255), fc.nat(255))
        .map((octets) => octets.join(".")),
      fc
        .tuple(fc.constantFrom("2001:db8", "2001:db9"), fc.nat(3), fc.nat(0xffff))
        .map(([high, middle, low]) => `${high}:${middle}::${low.toString(16)}`),
    );
    const network = fc
      .tuple(near, fc.nat(128))
      .map(([address, bits]) => `${address}/${address.includes(":") ? bits : bits % 33}`);
    fc.assert(
      fc.property(fc.array(network, { maxLength: 8 }), near, (networks, address) => {
        const parsed = ipaddr.parse(address);
        const lengths = networks
          .map((one) => ipaddr.parseCIDR(one))
          .filter(([one, length]) => one.kind() === parsed.kind() && parsed.match(one, length))
          .map(([, length]) => length);
        assert.equal(createNetworkSet(networks).longest(address), Math.max(-1, ...lengths));
      }),
      { numRuns: 2_000 },
    );
  });

  test("reads addresses as another reader does", () => {
    const words = new Uint32Array(4);
    const text = fc.oneof(
      ipv4,
      ipv6,
      fc
        .array(fc.constantFrom(":", "::", "0", "1.2.3.4", "ffff", "a", "."), { maxLength: 10 })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (address) => {
        const expectsIpv4 = isIPv4(address);
        assert.equal(parseIpv4(address) >= 0, expectsIpv4, address);
        if (expectsIpv4) assert.equal(formatIpv4(parseIpv4(address)), address);
        const expectsIpv6 = isIPv6(address);
        assert.equal(parseIpv6(address, words), expectsIpv6, address);
        // The other reader takes a dotted tail behind "::" for a mapped address.
        if (!expectsIpv6 || address.includes(".")) return;
        const { parts } = ipaddr.IPv6.parse(address);
        const expected = [0, 2, 4, 6].map((at) => parts[at]! * 65_536 + parts[at + 1]!);
        assert.deepEqual([...words], expected, address);
      }),
      { numRuns: 3_000 },
    );
  });
});

test("an IPv6 address may have a dotted tail", () => {
  const words = new Uint32Array(4);
  assert.ok(parseIpv6("64:ff9b::1.2.3.4", words));
  assert.deepEqual([...words], [0x64ff9b, 0, 0, 0x01020304]);
});

test("an address is shown in its plain form", () => {
  const cases = [
    ["1.2.3.4", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::FFFF:1.2.3.4", "1.2.3.4"],
    ["::ffff:102:304", "1.2.3.4"],
    ["::1", "::1"],
    ["::ffff:x", "::ffff:x"],
    ["fe80::1%eth0", "fe80::1"],
    ["2001:db8::1", "2001:db8::1"],
  ] as const;
  for (const [address, plain] of cases) assert.equal(plainAddress(address), plain);
});
