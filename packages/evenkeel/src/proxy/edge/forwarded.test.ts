import * as fc from "fast-check";
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { ForwardedSnapshot } from "../../snapshot/snapshot.ts";
import {
  clientBehind,
  createForwarding,
  isForwardingName,
  type ReceivedForwarding,
} from "./forwarded.ts";
import { forwardedAddresses, forwardedElement } from "./forwarded-header.ts";
import { createNetworkSet } from "./networks.ts";

const trusted = createNetworkSet(["10.0.0.0/8", "fd00::/8"]);
const settings: ForwardedSnapshot = {
  xForwarded: true,
  forwarded: false,
  requestIdHeader: "x-request-id",
  via: true,
};
const nothing: ReceivedForwarding = {
  xForwardedFor: undefined,
  xForwardedProto: undefined,
  xForwardedHost: undefined,
  xRealIp: undefined,
  forwarded: undefined,
};

function peer(address: string, changes: Partial<ForwardedSnapshot> = {}) {
  return createForwarding({ ...settings, ...changes }, trusted).peer(address, "http");
}

const text = (octets: Uint8Array): string => Buffer.from(octets).toString("latin1");

describe("an untrusted peer", () => {
  test("is itself the client", () => {
    const one = peer("::ffff:192.0.2.1");
    assert.deepEqual([one.address, one.isTrusted], ["192.0.2.1", false]);
  });

  test("is told to the origin, with the host of each request", () => {
    const one = peer("192.0.2.1");
    const start =
      "X-Real-IP: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n";
    assert.equal(text(one.lines("a:80")), `${start}X-Forwarded-Host: a:80\r\n`);
    assert.equal(text(one.lines("b")), `${start}X-Forwarded-Host: b\r\n`);
    assert.equal(text(one.lines("")), start);
  });

  const elements = [
    { from: "192.0.2.1", host: "a", element: "for=192.0.2.1;host=a;proto=http" },
    { from: "2001:db8::1", host: "a:80", element: 'for="[2001:db8::1]";host="a:80";proto=http' },
    { from: "192.0.2.1", host: "", element: "for=192.0.2.1;proto=http" },
    { from: "192.0.2.1", host: 'a"\\', element: String.raw`for=192.0.2.1;host="a\"\\";proto=http` },
  ];
  for (const { from, host, element } of elements) {
    test(`as RFC 7239 has it: ${element}`, () => {
      const one = peer(from, { xForwarded: false, forwarded: true });
      assert.equal(text(one.lines(host)), `Forwarded: ${element}\r\n`);
    });
  }

  test("nothing is added with both off", () =>
    assert.equal(text(peer("192.0.2.1", { xForwarded: false }).lines("a")), ""));
});

describe("behind a trusted peer the client is", () => {
  const cases: readonly {
    readonly client: string;
    readonly when: string;
    readonly received: Partial<ReceivedForwarding>;
    readonly settings?: Partial<ForwardedSnapshot>;
  }[] = [
    { client: "10.0.0.1", when: "the peer, where nothing is said", received: {} },
    { client: "192.0.2.1", when: "the one it names", received: { xForwardedFor: "192.0.2.1" } },
    {
      client: "192.0.2.1",
      when: "the right-most untrusted",
      received: { xForwardedFor: "8.8.8.8, 192.0.2.1,10.2.2.2 , 10.3.3.3" },
    },
    {
      client: "10.2.2.2",
      when: "the left-most where all are trusted",
      received: { xForwardedFor: "10.2.2.2, 10.3.3.3" },
    },
    {
      client: "10.3.3.3",
      when: "the last trusted before a malformed entry",
      received: { xForwardedFor: "192.0.2.1, evil, 10.3.3.3" },
    },
    {
      client: "10.0.0.1",
      when: "the peer where the last entry is malformed",
      received: { xForwardedFor: "192.0.2.1, " },
    },
    {
      client: "192.0.2.1",
      when: "named with a port",
      received: { xForwardedFor: "192.0.2.1:4711" },
    },
    {
      client: "2001:db8::1",
      when: "named as IPv6 with a port",
      received: { xForwardedFor: "[2001:db8::1]:4711" },
    },
    {
      client: "192.0.2.1",
      when: "mapped into IPv6",
      received: { xForwardedFor: "::ffff:192.0.2.1" },
    },
    {
      client: "10.0.0.1",
      when: "the peer where a port is wrong",
      received: { xForwardedFor: "192.0.2.1:x" },
    },
    {
      client: "192.0.2.1",
      when: "in Forwarded",
      received: {
        forwarded: ['for="[fd00::1]";by=x, For="192.0.2.1:80";proto=https', 'for="[fd00::2]:81"'],
      },
    },
    {
      client: "10.0.0.1",
      when: "the peer where Forwarded hides it",
      received: { forwarded: ["for=192.0.2.1, for=_hidden"] },
    },
    {
      client: "10.3.3.3",
      when: "the last trusted before one that Forwarded does not know",
      received: { forwarded: ["for=192.0.2.1, for=unknown", "for=10.3.3.3"] },
    },
    {
      client: "192.0.2.1",
      when: "in Forwarded, empty elements left out",
      received: { forwarded: ["", ", for=192.0.2.1,"] },
    },
    {
      client: "192.0.2.1",
      when: "in X-Forwarded-For before Forwarded",
      received: { xForwardedFor: "192.0.2.1", forwarded: ["for=8.8.8.8"] },
    },
    {
      client: "8.8.8.8",
      when: "in Forwarded where that alone is in use",
      received: { xForwardedFor: "192.0.2.1", forwarded: ["for=8.8.8.8"] },
      settings: { xForwarded: false, forwarded: true },
    },
    {
      client: "192.0.2.1",
      when: "in X-Real-IP where nothing else is said",
      received: { xRealIp: "192.0.2.1" },
    },
    {
      client: "8.8.8.8",
      when: "in X-Forwarded-For before X-Real-IP",
      received: { xRealIp: "192.0.2.1", xForwardedFor: "8.8.8.8" },
    },
  ];
  for (const { client, when, received, settings } of cases) {
    test(`${client}: ${when}`, () => {
      const one = peer("10.0.0.1", settings);
      assert.equal(one.isTrusted, true);
      assert.equal(one.resolve({ ...nothing, ...received }, "a")!.clientAddress, client);
    });
  }

  test("never one that only an untrusted hop vouches for", () => {
    const address = fc.constantFrom("10.0.0.9", "10.7.7.7", "8.8.8.8", "9.9.9.9", "junk", "");
    fc.assert(
      fc.property(fc.uniqueArray(address, { maxLength: 6 }), (reported) => {
        const client = clientBehind("10.0.0.1", reported, trusted);
        const chain = [...reported, "10.0.0.1"];
        const place = chain.lastIndexOf(client);
        assert.ok(place >= 0);
        // Everything between the client and us is trusted, and the walk did not end too early.
        assert.ok(chain.slice(place + 1).every((one) => trusted.contains(one)));
        const next = chain[place - 1];
        assert.ok(!trusted.contains(client) || next === undefined || !/^\d/.test(next));
      }),
    );
  });
});

describe("a trusted peer's fields", () => {
  const received: ReceivedForwarding = {
    xForwardedFor: "192.0.2.1",
    xForwardedProto: "https",
    xForwardedHost: "shop.example",
    xRealIp: "6.6.6.6",
    forwarded: ["for=1.1.1.1", "", "for=192.0.2.1"],
  };

  test("are carried on and added to", () => {
    const resolved = peer("10.0.0.1", { forwarded: true }).resolve(received, "inner")!;
    assert.equal(
      resolved.lines,
      "X-Real-IP: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.1, 10.0.0.1\r\n" +
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n" +
        "Forwarded: for=1.1.1.1, for=192.0.2.1, for=10.0.0.1;host=inner;proto=http\r\n",
    );
    assert.equal(resolved.scheme, "https");
  });

  test("are made up where there are none", () => {
    const resolved = peer("10.0.0.1").resolve(nothing, "inner")!;
    assert.equal(
      resolved.lines,
      "X-Real-IP: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.1\r\n" +
        "X-Forwarded-Proto: http\r\nX-Forwarded-Host: inner\r\n",
    );
    assert.equal(resolved.scheme, "http");
  });

  test("stay as they came where nothing is to be added", () => {
    const resolved = peer("10.0.0.1", { xForwarded: false }).resolve(received, "inner")!;
    assert.equal(
      resolved.lines,
      "X-Real-IP: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n" +
        "X-Forwarded-Host: shop.example\r\nForwarded: for=1.1.1.1, for=192.0.2.1\r\n",
    );
  });

  const schemes = [
    ["HTTPS", "https"],
    ["https, http", "http"],
    ["gopher", "http"],
    ["", "http"],
  ] as const;
  for (const [value, scheme] of schemes) {
    test(`X-Forwarded-Proto "${value}" means ${scheme}`, () => {
      const resolved = peer("10.0.0.1").resolve({ ...nothing, xForwardedProto: value }, "a")!;
      assert.equal(resolved.scheme, scheme);
    });
  }

  test("are not read where Forwarded is malformed, in whichever line", () => {
    const one = peer("10.0.0.1");
    for (const forwarded of [
      ['for="x', "for=192.0.2.1"],
      ["for=192.0.2.1", 'for="x'],
    ]) {
      assert.equal(one.resolve({ ...received, forwarded }, "a"), undefined);
    }
  });
});

test("Forwarded is taken apart at separators outside of quotes only", () => {
  const header = String.raw`for="a,b;c\"d";x=1, proto=http, ; for = e;, , for=192.0.2.1:80, for=[::1]`;
  assert.deepEqual(forwardedAddresses(header), ['a,b;c"d', "", "e", "192.0.2.1:80", "[::1]"]);
});

describe("malformed in Forwarded is", () => {
  const cases = [
    ["a quote that stays open", 'for="x, for=192.0.2.1'],
    ["one that opens inside a value", 'for=x", for="192.0.2.1'],
    ["one that an escape keeps open", String.raw`for=1.1.1.1;x="\", for=192.0.2.1`],
    ["text behind a quoted value", 'for="a"b'],
    ["a quote within quotes", 'for="a"b"c"'],
    ["a pair without a value", "for=a;proto"],
    ["an empty value", "for=, for=192.0.2.1"],
    ["an empty name", "=a"],
    ["a name that is none", "f@r=a"],
    ["a blank that is none", "for\xa0=a"],
    ["a blank in a value", "for=a b"],
    ["a parameter given twice", "for=a;For=192.0.2.1"],
  ] as const;
  for (const [name, line] of cases) {
    test(name, () => assert.equal(forwardedAddresses(line), undefined));
  }

  test("never what is built here", () => {
    const host = fc.string({ unit: "binary-ascii" }).map((text) => text.replaceAll(/\p{Cc}/gu, ""));
    fc.assert(
      fc.property(host, (host) => {
        const element = forwardedElement("2001:db8::1", host, "http");
        assert.deepEqual(forwardedAddresses(element), ["[2001:db8::1]"]);
      }),
    );
  });
});

test("names of forwarding fields are recognized in any case, with underscores too", () => {
  const forwarding = [
    "x-forwarded-port",
    "X-Forwarded-Prefix",
    "X-FORWARDED-A",
    "x_forwarded_for",
    "X-Forwarded_Proto",
    "x-real-ip",
    "X_Real_IP",
  ];
  const others = ["x-forwarded-", "x-forward", "y-forwarded-x", "x-forwarder-x", "x-real-it", "X"];
  const found = [...forwarding, ...others].filter((name) =>
    isForwardingName(Buffer.from(`..${name}`), 2, 2 + name.length),
  );
  assert.deepEqual(found, forwarding);
});
