import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createRequestIds, isRequestId } from "./request-id.ts";
import { traceIdOf } from "./traceparent.ts";

test("ids are 32 hexadecimal digits, and never the same", () => {
  const sources = [createRequestIds(), createRequestIds()];
  const ids = new Set<string>();
  for (let count = 0; count < 1_000; count++) {
    for (const next of sources) ids.add(next());
  }
  assert.equal(ids.size, 2_000);
  for (const id of ids) assert.match(id, /^[\da-f]{32}$/);
});

test("every random bit is used, and none twice", () => {
  let filled = 0;
  const next = createRequestIds((bytes) => {
    filled++;
    for (let at = 0; at < bytes.length; at++) bytes[at] = at % 251;
  });
  assert.equal(next(), "000102030405060708090a0b0c0d0e0f");
  assert.equal(next(), "101112131415161718191a1b1c1d1e1f");
  for (let count = 2; count < 64; count++) next();
  assert.equal(filled, 1);
  next();
  assert.equal(filled, 2);
});

test("ids from outside are kept only if they are visible and short", () => {
  const good = ["a", "2f1c-77", "x".repeat(128), "{~!}"];
  const bad = ["", "a b", "a\r\n", "\u00e9", "x".repeat(129), "\u007f"];
  assert.deepEqual([...good, ...bad].filter(isRequestId), good);
});

describe("a traceparent", () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const cases = [
    { value: `00-${id}-00f067aa0ba902b7-01`, traceId: id, what: "of version 00" },
    { value: `cc-${id}-00f067aa0ba902b7-01`, traceId: id, what: "of a later version" },
    { value: `cc-${id}-00f067aa0ba902b7-01-what`, traceId: id, what: "that says more later" },
    { value: `00-${id}-00f067aa0ba902b7-01-what`, traceId: undefined, what: "that says more" },
    { value: `cc-${id}-00f067aa0ba902b7-01what`, traceId: undefined, what: "without a dash" },
    { value: `ff-${id}-00f067aa0ba902b7-01`, traceId: undefined, what: "of version ff" },
    { value: `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, traceId: undefined, what: "of zeros" },
    { value: `00-${id}-${"0".repeat(16)}-01`, traceId: undefined, what: "with a parent of zeros" },
    {
      value: `00-${id.toUpperCase()}-00f067aa0ba902b7-01`,
      traceId: undefined,
      what: "in capitals",
    },
    { value: `00-${id}-00f067aa0ba902b7-0`, traceId: undefined, what: "too short" },
    { value: `00_${id}-00f067aa0ba902b7-01`, traceId: undefined, what: "with another mark" },
    { value: `00-${id}-00f067aa0ba902b7-0x`, traceId: undefined, what: "with bad flags" },
    { value: `0x-${id}-00f067aa0ba902b7-01`, traceId: undefined, what: "with a bad version" },
    { value: "", traceId: undefined, what: "that is empty" },
  ];
  for (const { value, traceId, what } of cases) {
    test(`${what} ${traceId === undefined ? "is ignored" : "gives its id"}`, () =>
      assert.equal(traceIdOf(value), traceId));
  }
});
