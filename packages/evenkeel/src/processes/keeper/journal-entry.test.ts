import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { parseEntry } from "./journal-entry.ts";
import { scriptOrder } from "./testing/order.ts";

const order = {
  ...scriptOrder("/x", "r", "true", { port: 80, user: { uid: 1, gid: 2 } }),
  env: {},
};
const identity = { pid: 5, startTicks: 6, bootId: "b" };
const entry = { version: 1, order, identity, startedAtMs: 7, ready: true };

test("what was written is read again", () => {
  const read = parseEntry(JSON.parse(JSON.stringify(entry)));
  assert.deepEqual(read, { order, identity, startedAtMs: 7, ready: true });
  const intent = parseEntry(JSON.parse(JSON.stringify({ ...entry, identity: undefined })));
  assert.deepEqual(intent, { order, identity: undefined, startedAtMs: 7, ready: true });
});

test("an entry with any one part spoilt is none", () => {
  const spoilt = fc.oneof(fc.constant(null), fc.constant([3]), fc.constant({ a: 1 }));
  const parts = [...Object.keys(entry), ...Object.keys(order).filter((key) => key !== "env")];
  const property = fc.property(fc.constantFrom(...parts), spoilt, (part, value) => {
    const broken = Object.hasOwn(entry, part)
      ? { ...entry, [part]: value }
      : { ...entry, order: { ...order, [part]: value } };
    assert.equal(parseEntry(broken), undefined);
  });
  fc.assert(property);
});

test("nothing makes it throw", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => parseEntry(value) === undefined));
  const inside = fc.property(fc.jsonValue(), (value) => {
    assert.equal(parseEntry({ version: 1, order: value, startedAtMs: 1, ready: true }), undefined);
  });
  fc.assert(inside);
});
