import assert from "node:assert/strict";
import { test } from "node:test";

import { createReceivedFilter } from "./received-filter.ts";

const removed = (id: string, isTrusted: boolean, names: readonly string[]): string[] => {
  const filter = createReceivedFilter(id, isTrusted);
  return names.filter((name) => filter.removes(Buffer.from(`..${name}:`), 2, 2 + name.length));
};

const ids = ["x-request-id", "X_Request_ID", "X-Request_Id"];
const forwarding = ["X_Forwarded_For", "x-forwarded-port", "X_REAL_IP"];
const framing = ["content_length", "Transfer_Encoding", "TRANSFER-ENCODING"];
const others = [
  "accept-charset",
  "X_User",
  "x-request-it",
  "content__length",
  "_",
  "accept-encodings_",
];
const names = [...ids, ...forwarding, ...framing, ...others];

test("of untrusted clients: forwarding fields, the request id and framing, with underscores too", () => {
  assert.deepEqual(removed("X-Request_ID", false, names), [...ids, ...forwarding, ...framing]);
});

test("of trusted proxies: the request id, and framing in disguise", () => {
  assert.deepEqual(removed("x-request-id", true, names), [...ids, ...framing]);
});

test("the request id crosses where none is written", () => {
  assert.deepEqual(removed("", true, names), framing);
});
