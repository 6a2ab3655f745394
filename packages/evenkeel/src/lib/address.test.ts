import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatAddress, isLoopback, parseAddress, parseBind } from "./address.ts";
import { parseNetwork } from "./network.ts";

describe("parseAddress", () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    "127.0.0.1:80": "127.0.0.1:80",
    "[::1]:80": "[::1]:80",
    "[FD00::A]:80": "[fd00::a]:80",
    "App.Internal:8080": "app.internal:8080",
    "my_app:1": "my_app:1",
    "10.0.0.256:80": undefined,
    "1.2.3:80": undefined,
    "host:65536": undefined,
    "host:-1": undefined,
    "host:": undefined,
    host: undefined,
    ":80": undefined,
    "::1:80": undefined,
    "[::1]": undefined,
    "[1.2.3.4]:80": undefined,
    "-a:80": undefined,
    "a..b:80": undefined,
    "a b:80": undefined,
    "http://a:80": undefined,
    "": undefined,
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(`"${text}" is ${expected ?? "refused"}`, () => {
      const address = parseAddress(text);
      assert.equal(address && formatAddress(address), expected);
    });
  }
});

test("a port alone is every IPv4 address", () => {
  for (const text of ["80", ":80"])
    assert.deepEqual(parseBind(text), { host: "0.0.0.0", port: 80 });
  assert.deepEqual(parseBind("[::]:80"), { host: "::", port: 80 });
  assert.equal(parseBind("99999"), undefined);
});

test("loopback is told from the rest", () => {
  for (const host of ["127.0.0.1", "127.8.8.8", "::1", "localhost"]) assert.ok(isLoopback(host));
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.example"]) assert.ok(!isLoopback(host));
});

describe("parseNetwork", () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    "10.0.0.0/8": "10.0.0.0/8",
    "10.1.2.3/8": "10.0.0.0/8",
    "127.0.0.1": "127.0.0.1/32",
    "fd00::1/8": "fd00::/8",
    "::1": "::1/128",
    "0.0.0.0/0": "0.0.0.0/0",
    "10.0.0.0/33": undefined,
    "10.0.0/8": undefined,
    "10.0.0.0/": undefined,
    "10.0.0.0/+8": undefined,
    "fd00::/129": undefined,
    "example.org": undefined,
    "fe80::1%eth0": undefined,
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(`${text} is ${expected ?? "refused"}`, () => assert.equal(parseNetwork(text), expected));
  }
});
