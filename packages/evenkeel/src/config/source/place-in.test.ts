import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { placeIn } from "./place-in.ts";

// The ^ stands before the character that is looked for; what is found is told by what follows it.
const cases: [name: string, written: string, find: string][] = [
  ["plain", "a > 1 for 5m", "for"],
  ["plain over two lines", "a > 1\n    for 5m", "for"],
  ["single quotes", "'a(\"x\") > 1'", ">"],
  ["a doubled quote", "'a(''x'') > 1'", ">"],
  ["double quotes", '"a > 1"', ">"],
  ["an escaped quote", String.raw`"a(\"x\") > 1"`, ">"],
  ["folded", ">-\n  a > 1\n  for 5m\n", "for"],
  ["literal", "|\n  a > 1\n  for 5m\n", "for"],
];
for (const [name, written, find] of cases) {
  test(name, () => {
    const value = parse(written) as string;
    const place = placeIn(written, value, value.indexOf(find));
    assert.ok(place !== undefined);
    assert.ok(written.slice(place).startsWith(find), written.slice(place));
  });
}

test("the end is behind the last character", () => {
  assert.equal(placeIn("'a >'", "a >", 3), 4);
});

test("what a variable brought in has no place", () => {
  assert.equal(placeIn("${NAME} > 1", "p99 > 1", 4), undefined);
});
