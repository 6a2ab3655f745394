import assert from "node:assert/strict";
import { test } from "node:test";
import { formatValue } from "./format-value.ts";

for (const [value, unit, text] of [
  [0.934, "ratio", "93.4%"],
  [0.005, "ratio", "0.5%"],
  [1.2346, "ratio", "123.5%"],
  [0.8124, "seconds", "812.4ms"],
  [0.0000005, "seconds", "0.0005ms"],
  [1.5, "seconds", "1.5s"],
  [75.4, "seconds", "1m15s"],
  [0, "seconds", "0ms"],
  [-3.25, "seconds", "-3.25s"],
  [1536, "bytes", "1.5KiB"],
  [12, "bytes", "12B"],
  [1.3e9, "bytes", "1.21GiB"],
  [5.25, "per_second", "5.25/s"],
  [12345, "none", "12345"],
  [Infinity, "none", "Infinity"],
] as const) {
  test(text, () => assert.equal(formatValue(value, unit), text));
}
