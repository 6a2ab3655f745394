import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { type BenchReport, filesOfBlock, newest, withBenchBlock } from "./bench-block.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

function report(date: string, figures: BenchReport["figures"]): BenchReport {
  return { date, machine: { cores: 2 }, versions: { nginx: "1.22" }, figures };
}

const figure = (name: string, value: number): BenchReport["figures"][number] => ({
  name,
  title: `The ${name}`,
  tables: [{ columns: ["proxy", "CPU"], rows: [["Evenkeel", String(value)]] }],
  bars: [{ what: "Evenkeel vs nginx", value, bar: 1.2, unit: "x" }],
});

test("the README's block is what its reports say", () => {
  const reports = new Map(
    filesOfBlock(readme).map((name) => {
      const text = readFileSync(join(root, "bench/results", name), "utf8");
      return [name, JSON.parse(text) as BenchReport] as const;
    }),
  );
  assert.equal(withBenchBlock(readme, reports), readme);
});

test("every figure comes from the newest report that measured it", () => {
  const failed = { ...figure("p99", 9), tables: [], bars: [] };
  const reports = new Map([
    ["1.json", report("2026-01-01", [figure("cpu", 1.3), figure("p99", 1.25)])],
    ["2.json", report("2026-01-02", [figure("cpu", 1.1), failed])],
    ["0.json", report("2025-01-01", [figure("cpu", 7)])],
  ]);
  assert.deepEqual([...newest(reports).keys()].sort(), ["1.json", "2.json"]);
  const page = withBenchBlock(readme, newest(reports));
  assert.deepEqual(filesOfBlock(page).sort(), ["1.json", "2.json"]);
  assert.match(page, /\| `cpu`: Evenkeel vs nginx \| 1\.10x \| at most 1\.2x \| - \| met \|/);
  assert.match(page, /\| `p99`: Evenkeel vs nginx \| 1\.25x \| at most 1\.2x \| - \| NOT MET \|/);
  assert.doesNotMatch(page, /1\.30x|7\.00x/);
  assert.equal(withBenchBlock(page, new Map()), withBenchBlock(readme, new Map()));
});

test("a page without a block is not written", () => {
  assert.throws(() => withBenchBlock("# Nothing", new Map()), /no bench block/);
});
