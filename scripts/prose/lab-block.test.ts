import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type LabResult, withLabBlock } from "./lab-block.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

test("the README's table of faults is what its result says", () => {
  const file = /\(lab\/results\/([^)]+)\)/.exec(readme)?.[1];
  assert.ok(file);
  const text = readFileSync(join(root, "lab/results", file), "utf8");
  assert.equal(withLabBlock(readme, file, JSON.parse(text) as LabResult), readme);
});

test("a page without the block is refused", () => {
  const empty: LabResult = { date: "2026-01-01", machine: {}, cells: [] };
  assert.throws(() => withLabBlock("# Evenkeel", "x.json", empty), /has no block/);
});
