import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { reason } from "../../errors/catalogue.ts";
import {
  FIELD_COLUMNS,
  FIELD_ID,
  FIELD_NAME_END,
  FIELD_NAME_START,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  fieldId,
  type HeadLimits,
  NEED_MORE,
  REFUSED,
  type RequestParser,
} from "./contract.ts";
import { latin1 } from "./latin1.ts";
import { createRequestParser } from "./request-parser.ts";

// What is accepted and refused is the corpus's business (test/corpus); here is what callers get.

const limits: HeadLimits = { lineBytes: 8192, headerBytes: 32_768, headerCount: 100 };

function parsed(text: string, under = limits): RequestParser {
  const parser = createRequestParser();
  const bytes = Buffer.from(text, "latin1");
  assert.notEqual(parser.parse(bytes, 0, bytes.length, 0, under), NEED_MORE);
  return parser;
}

function row(parser: RequestParser, index: number): [name: string, value: string, id: number] {
  const { fields, bytes } = parser;
  const at = index * FIELD_COLUMNS;
  return [
    latin1(bytes, fields[at + FIELD_NAME_START]!, fields[at + FIELD_NAME_END]!),
    latin1(bytes, fields[at + FIELD_VALUE_START]!, fields[at + FIELD_VALUE_END]!),
    fields[at + FIELD_ID]!,
  ];
}

describe("request parser", () => {
  test("notes fields as positions in the octets it was given", () => {
    const parser = parsed("\r\nGET / HTTP/1.1\r\nhOSt: a\r\nX-Y:\t 1 2 \r\nE:\r\n\r\nrest");
    assert.equal(parser.text, "GET / HTTP/1.1\r\nhOSt: a\r\nX-Y:\t 1 2 \r\nE:\r\n\r\n");
    assert.equal(parser.fieldCount, 3);
    assert.deepEqual(row(parser, 0), ["hOSt", "a", fieldId.host]);
    assert.deepEqual(row(parser, 1), ["X-Y", "1 2", fieldId.other]);
    assert.deepEqual(row(parser, 2), ["E", "", fieldId.other]);
  });

  test("returns the head's length from the start, the skipped empty line included", () => {
    const bytes = Buffer.from("xx\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nxx");
    const length = createRequestParser().parse(bytes, 2, bytes.length, 0, limits);
    assert.equal(length, bytes.length - 4);
  });

  test("finds rows by id and values by name", () => {
    const parser = parsed(
      "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nX-A: 1\r\ncookie: b=2\r\nx-a: 2\r\n\r\n",
    );
    assert.equal(parser.find(fieldId.cookie), 1);
    assert.equal(parser.find(fieldId.via), -1);
    assert.equal(parser.find(fieldId.namedByConnection), -1);
    assert.equal(parser.header("x-a"), "1, 2");
    assert.equal(parser.header("cookie"), "a=1; b=2");
    assert.equal(parser.header("x-b"), undefined);
  });

  const methods = [
    { method: "GET", isHead: false, isIdempotent: true },
    { method: "HEAD", isHead: true, isIdempotent: true },
    { method: "POST", isHead: false, isIdempotent: false },
    { method: "PUT", isHead: false, isIdempotent: true },
    { method: "DELETE", isHead: false, isIdempotent: true },
    { method: "OPTIONS", isHead: false, isIdempotent: true },
    { method: "TRACE", isHead: false, isIdempotent: true },
    { method: "PATCH", isHead: false, isIdempotent: false },
    { method: "head", isHead: false, isIdempotent: false },
    { method: "GETS", isHead: false, isIdempotent: false },
  ];
  for (const { method, isHead, isIdempotent } of methods) {
    test(`knows ${method}`, () => {
      const parser = parsed(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal(parser.method, method);
      assert.equal(parser.isHead, isHead);
      assert.equal(parser.isIdempotent, isIdempotent);
    });
  }

  test("marks what Connection names, but keeps the ids of what is hop-by-hop anyway", () => {
    const names = [
      "Connection",
      "Keep-Alive",
      "TE",
      "Upgrade",
      "Cookie",
      "X-Own",
      "x-own",
      "X-Other",
    ];
    const parser = parsed(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x-OWN, te, cookie, upgrade\r\n" +
        "Keep-Alive: 5\r\nTE: trailers\r\nUpgrade: x\r\nCookie: a\r\nX-Own: 1\r\nx-own: 2\r\nX-Other: 3\r\n\r\n",
    );
    const ids = names.map((name, index) => {
      const [found, , id] = row(parser, index + 1);
      assert.equal(found, name);
      return id;
    });
    const { connection, keepAlive, te, upgrade, namedByConnection: named, other } = fieldId;
    assert.deepEqual(ids, [connection, keepAlive, te, upgrade, named, named, named, other]);
    assert.equal(parser.upgradeField, 4);
    assert.equal(parser.find(fieldId.cookie), -1);
    assert.equal(parser.find(fieldId.namedByConnection), 5);
  });

  test("forgets the head before", () => {
    const parser = createRequestParser();
    const one = Buffer.from(
      "POST http://b:1/ HTTP/1.1\r\nHost: a\r\nConnection: close, upgrade\r\nUpgrade: x\r\n" +
        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    assert.equal(parser.parse(one, 0, one.length, 0, limits), one.length);
    const bad = Buffer.from("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
    assert.equal(parser.parse(bad, 0, bad.length, 0, limits), REFUSED);
    assert.equal(parser.refusal, reason.bad_host);
    const other = Buffer.from("GET / HTTP/1.0\r\n\r\n");
    assert.equal(parser.parse(other, 0, other.length, 0, limits), other.length);
    const { refusal, host, authority, framing, contentLength, expectsContinue } = parser;
    assert.deepEqual(
      { refusal, host, authority, framing, contentLength, expectsContinue },
      {
        refusal: undefined,
        host: "",
        authority: "",
        framing: "none",
        contentLength: 0,
        expectsContinue: false,
      },
    );
    assert.equal(parser.upgradeField, -1);
    assert.equal(parser.keepAlive, false);
    assert.equal(parser.fieldCount, 0);
    assert.equal(parser.find(fieldId.host), -1);
  });

  test("has room for as many fields as the limits allow", () => {
    const many = { ...limits, headerCount: 1000 };
    const head = `GET / HTTP/1.1\r\nHost: a\r\n${"X:1\r\n".repeat(999)}\r\n`;
    const parser = parsed(head, many);
    assert.equal(parser.refusal, undefined);
    assert.equal(parser.fieldCount, 1000);
    assert.deepEqual(row(parser, 999), ["X", "1", fieldId.other]);
  });

  test("serves several connections whose heads arrive by turns", () => {
    const parser = createRequestParser();
    const texts = ["GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n"];
    const connections = texts.map((text) => ({ bytes: Buffer.from(text), resume: 0 }));
    const length = texts[0]!.length;
    for (let end = 1; end < length; end++) {
      for (const one of connections) {
        assert.equal(parser.parse(one.bytes, 0, end, one.resume, limits), NEED_MORE);
        one.resume = parser.resume;
      }
    }
    for (const [index, one] of connections.entries()) {
      assert.equal(parser.parse(one.bytes, 0, length, one.resume, limits), length);
      assert.equal(parser.target, `/${index + 1}`);
      assert.equal(parser.host, "ab"[index]);
    }
  });

  test("looks at each octet of a trickling head a bounded number of times", () => {
    let reads = 0;
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(6000)}\r\n\r\n`);
    const counting = new Proxy(head, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) reads++;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const parser = createRequestParser();
    let resume = 0;
    for (let end = 1; end < head.length; end++) {
      assert.equal(parser.parse(counting, 0, end, resume, limits), NEED_MORE);
      resume = parser.resume;
    }
    assert.equal(parser.parse(counting, 0, head.length, resume, limits), head.length);
    assert.ok(reads < head.length * 6, `${reads} reads of ${head.length} octets`);
  });
});
