import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { corpusLimits } from "../../../../../test/corpus/index.ts";
import { createRequestParser } from "../http1/request-parser.ts";
import type { FieldFilter } from "./copy-fields.ts";
import { carriesKey } from "./idempotency-key.ts";

const removing = (name: string): FieldFilter => ({
  removes: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)).toString() === name,
});

describe("an Idempotency-Key", () => {
  const cases = [
    { name: "counts", fields: "Idempotency-Key: k", counts: true },
    {
      name: "counts beside filters of others",
      fields: "Idempotency-Key: k",
      filter: "X",
      counts: true,
    },
    { name: "that is not there", fields: "X: y", counts: false },
    { name: "that is empty", fields: "Idempotency-Key:", counts: false },
    { name: "that is quoted and empty", fields: 'Idempotency-Key: ""', counts: false },
    { name: "given twice", fields: "Idempotency-Key: a\r\nIdempotency-Key: b", counts: false },
    {
      name: "named by Connection",
      fields: "Connection: idempotency-key\r\nIdempotency-Key: k",
      counts: false,
    },
    {
      name: "that the route keeps back",
      fields: "Idempotency-Key: k",
      filter: "Idempotency-Key",
      counts: false,
    },
  ];
  for (const { name, fields, filter, counts } of cases) {
    test(`${name}${counts ? "" : " does not count"}`, () => {
      const head = createRequestParser();
      const bytes = Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`);
      assert.equal(head.parse(bytes, 0, bytes.length, 0, corpusLimits), bytes.length);
      assert.equal(carriesKey(head, filter === undefined ? undefined : removing(filter)), counts);
    });
  }
});
