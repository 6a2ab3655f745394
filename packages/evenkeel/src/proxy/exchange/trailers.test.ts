import assert from "node:assert/strict";
import { test } from "node:test";

import type { FieldFilter } from "./copy-fields.ts";
import { keptTrailers } from "./trailers.ts";

const removing = (...names: readonly string[]): FieldFilter => ({
  removes: (bytes, start, end) =>
    names.includes(Buffer.from(bytes.subarray(start, end)).toString()),
});

const tail = "A: 1\r\nBb: x:y\r\nC:\r\nA: \xe4\r\n\r\n";

const cases = [
  { name: "no filter keeps all", filters: [], kept: tail },
  { name: "filters that remove nothing", filters: [removing("D"), removing("B")], kept: tail },
  { name: "the first and the last", filters: [removing("A")], kept: "Bb: x:y\r\nC:\r\n\r\n" },
  {
    name: "each of two",
    filters: [removing("Bb"), removing("C")],
    kept: "A: 1\r\nA: \xe4\r\n\r\n",
  },
  { name: "the second alone", filters: [undefined, removing("A", "C")], kept: "Bb: x:y\r\n\r\n" },
  { name: "all of them", filters: [removing("A", "Bb", "C")], kept: "\r\n" },
];
for (const { name, filters, kept } of cases) {
  test(name, () => assert.equal(keptTrailers(tail, ...filters).toString("latin1"), kept));
}
