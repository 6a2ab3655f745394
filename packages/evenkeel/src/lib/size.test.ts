import assert from "node:assert/strict";
import { test } from "node:test";
import { roundedSize } from "./size.ts";

const cases: readonly (readonly [number, string])[] = [
  [0, "0B"],
  [1023, "1023B"],
  [1024, "1.0KiB"],
  [142_303_232, "136MiB"],
  [1_610_612_736, "1.5GiB"],
];

test("sizes as people say them", () => {
  for (const [bytes, text] of cases) assert.equal(roundedSize(bytes), text);
});
