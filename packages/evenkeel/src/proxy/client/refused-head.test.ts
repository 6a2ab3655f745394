import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { readRefusedHead } from "./refused-head.ts";

const LINE_BYTES = 60;
const nothing = { method: "", target: "", minorVersion: 1, host: "", userAgent: "", referer: "" };

describe("of a refused head is read", () => {
  const line = "GET /a?b HTTP/1.1\r\n";
  const read = { ...nothing, method: "GET", target: "/a?b" };
  const cases = [
    {
      of: "all that its lines say",
      head: `${line}Host: A.example:80\r\nUser-Agent: x y \r\nReferer:z\r\n\r\n`,
      is: { ...read, host: "a.example", userAgent: "x y", referer: "z" },
    },
    { of: "a line behind an empty one", head: `\r\n${line}\r\n`, is: read },
    {
      of: "a line with a bare LF",
      head: "GET /a?b HTTP/1.1\nHost: a\r\n",
      is: { ...read, host: "a" },
    },
    { of: "an old version", head: "GET /a?b HTTP/1.0\r\n", is: { ...read, minorVersion: 0 } },
    { of: "the line of another version", head: "GET /a?b HTTP/2.0\r\n", is: read },
    {
      of: "a target with what must not be in it",
      head: "GET /a b\x01 HTTP/1.1\r\n",
      is: { ...read, target: "/a b\x01" },
    },
    { of: "no line that is not whole", head: "GET /a?b HTTP/1.1", is: nothing },
    {
      of: "no line that is too long",
      head: `GET /${"a".repeat(60)} HTTP/1.1\r\nHost: a\r\n`,
      is: nothing,
    },
    { of: "no other protocol", head: "\x16\x03\x01\x02\n\x01 / HTTP/1.1\r\n", is: nothing },
    {
      of: "no more than comes before a malformed field",
      head: `${line}A: b\r\nC :d\r\nHost: a\r\n`,
      is: read,
    },
    {
      of: "no more than comes before a folded line",
      head: `${line}A: b\r\n c\r\nHost: a\r\n`,
      is: read,
    },
    { of: "nothing behind its end", head: `${line}\r\nHost: a\r\n`, is: read },
    { of: "no field that is not whole", head: `${line}Host: a`, is: read },
    { of: "no repeated host", head: `${line}Host: a\r\nhost: a\r\n\r\n`, is: read },
    { of: "no malformed host", head: `${line}Host: a b\r\n\r\n`, is: read },
    {
      of: "the first of others",
      head: `${line}User-Agent: x\r\nUser-Agent: y\r\n`,
      is: { ...read, userAgent: "x" },
    },
  ];
  for (const { of, head, is } of cases) {
    test(of, () => assert.deepEqual(readRefusedHead(Buffer.from(head, "latin1"), LINE_BYTES), is));
  }

  test("something, whatever the octets", () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.string({ maxLength: 40 }).map((text) => Buffer.from(`${line}${text}\r\n`, "latin1")),
    );
    const property = fc.property(octets, (given) => {
      const { method, target, host } = readRefusedHead(Buffer.from(given), LINE_BYTES);
      assert.equal(method === "", target === "");
      assert.doesNotMatch(method + host, /[^!-~]/);
    });
    fc.assert(property, { seed: 3 });
  });
});
