import assert from "node:assert/strict";
import { test } from "node:test";

import { assert as check, integer, property } from "fast-check";

import { AnswerReader } from "./answer-reader.ts";

const whole = [
  {
    name: "with a length",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    answer: { status: 200, body: "hello", keepAlive: true },
  },
  {
    name: "in chunks",
    text: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    answer: { status: 200, body: "hello", keepAlive: true },
  },
  {
    name: "an empty one that closes",
    text: "HTTP/1.1 503 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    answer: { status: 503, body: "", keepAlive: false },
  },
];

for (const { name, text, answer } of whole) {
  test(`reads an answer ${name}, however it is cut into pieces`, () => {
    check(
      property(integer({ min: 1, max: text.length }), (size) => {
        const reader = new AnswerReader();
        let found;
        for (let at = 0; at < text.length; at += size) {
          assert.equal(found, undefined, "before the last byte");
          found = reader.push(Buffer.from(text.slice(at, at + size)));
        }
        assert.ok(found);
        assert.deepEqual({ ...found, body: found.body.toString() }, answer);
        assert.equal(reader.begun, false);
      }),
    );
  });
}

test("reads answers one after the other", () => {
  const reader = new AnswerReader();
  for (let round = 0; round < 3; round++) {
    assert.equal(reader.push(Buffer.from(whole[0]!.text))?.body.toString(), "hello");
  }
});

test("an answer without a length ends with the connection", () => {
  const reader = new AnswerReader();
  assert.equal(reader.push(Buffer.from("HTTP/1.0 200 OK\r\n\r\nhel")), undefined);
  assert.equal(reader.push(Buffer.from("lo")), undefined);
  assert.deepEqual(reader.end()?.body.toString(), "hello");
});

test("an answer that is cut short is none", () => {
  const reader = new AnswerReader();
  reader.push(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"));
  assert.equal(reader.begun, true);
  assert.equal(reader.end(), undefined);
});

test("more bytes than were asked for, and what is not HTTP, are refused", () => {
  assert.throws(() => new AnswerReader().push(Buffer.from(`${whole[0]!.text}HTTP`)));
  assert.throws(() => new AnswerReader().push(Buffer.from("SMTP ready\r\n\r\n")));
});
