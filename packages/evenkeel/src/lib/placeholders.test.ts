import assert from "node:assert/strict";
import { test } from "node:test";
import { unknownPlaceholders } from "./placeholders.ts";

test("unknown placeholders are found", () => {
  assert.deepEqual(unknownPlaceholders("{{host}} {{ nope }} {{}} {host}"), ["nope", ""]);
  assert.deepEqual(unknownPlaceholders("plain"), []);
});
