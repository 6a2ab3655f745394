import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { readExposition, type Series, toNumber } from "./exposition.ts";

const read = (page: string): readonly Series[] => readExposition(page, () => true, 1000);

describe("one line", () => {
  const cases: [line: string, series: Series | undefined][] = [
    ["up 1", { name: "up", labels: {}, value: 1 }],
    ["up 1 1700000000000", { name: "up", labels: {}, value: 1 }],
    ['a:b{x="1"} 2.5e3', { name: "a:b", labels: { x: "1" }, value: 2500 }],
    ['a{ x = "1" , y="2", } -3', { name: "a", labels: { x: "1", y: "2" }, value: -3 }],
    [String.raw`a{x="q\"b\\n\n"} 1`, { name: "a", labels: { x: 'q"b\\n\n' }, value: 1 }],
    ["a{} +Inf", { name: "a", labels: {}, value: Infinity }],
    ["a NaN", { name: "a", labels: {}, value: NaN }],
    ['a{x="1"} 2 # {trace="t"} 1', { name: "a", labels: { x: "1" }, value: 2 }],
    ["a 1\r", { name: "a", labels: {}, value: 1 }],
    ["# HELP a 1", undefined],
    ["", undefined],
    ["a", undefined],
    ["a b", undefined],
    ['a{x="1" 2', undefined],
    ["a{x=1} 2", undefined],
    ["1a 2", undefined],
  ];
  for (const [line, series] of cases) {
    test(line || "nothing", () => assert.deepEqual(read(line), series ? [series] : []));
  }
});

test("only what is wanted, and no more than asked for", () => {
  const page = "a 1\nb 2\na 3\r\nc 4\na 5";
  const found = readExposition(page, (name) => name === "a", 2);
  assert.deepEqual(
    found.map(({ value }) => value),
    [1, 3],
  );
});

test("numbers", () => {
  for (const [text, value] of [
    ["1", 1],
    ["-.5", -0.5],
    ["1e-3", 0.001],
    ["-Inf", -Infinity],
    ["", undefined],
    ["0x", undefined],
    ["one", undefined],
    ["1 2", undefined],
  ] as const) {
    assert.equal(toNumber(text), value, text);
  }
});

test("whatever a page holds, nothing throws", () => {
  const pieces = fc.constantFrom(
    "a",
    "{",
    "}",
    '"',
    "=",
    ",",
    " ",
    "\n",
    "1",
    "\\",
    "#",
    "__proto__",
  );
  const pages = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(pages, (page) => {
      for (const { name, value } of read(page)) {
        assert.ok(page.includes(name));
        assert.equal(typeof value, "number");
      }
    }),
    { numRuns: 300 },
  );
});

test("a label called __proto__ is a label", () => {
  const [series] = read('a{__proto__="x"} 1');
  assert.deepEqual(Object.entries(series!.labels), [["__proto__", "x"]]);
});
