import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { cell } from "./metrics/testing/made-up.ts";
import { mergeCells, readResults, writeResults } from "./results-file.ts";

let dir = "";
before(() => {
  dir = mkdtempSync(join(tmpdir(), "evenkeel-lab-"));
});
after(() => rmSync(dir, { recursive: true }));

test("what was written is read again", () => {
  const file = join(dir, "results.json");
  const results = {
    format: 1,
    date: "2026-01-01T00:00:00.000Z",
    machine: { cpu: "c", cores: 2, kernel: "k", memoryGiB: 4, pinning: "none" },
    cells: [cell("kill", "nginx-rr"), cell("stop", "nginx-rr", { p99: 3_000 })],
  } as const;
  writeResults(file, results);
  // What is undefined is not written.
  assert.deepEqual(readResults(file), JSON.parse(JSON.stringify(results)));
  writeResults(file, { ...results, cells: [] });
  assert.deepEqual(readResults(file).cells, []);
});

test("a file of something else is refused", () => {
  const file = join(dir, "other.json");
  for (const text of ["{}", '{"format":2,"cells":[]}', "[]", "no JSON"]) {
    writeFileSync(file, text);
    assert.throws(() => readResults(file));
  }
});

test("later results replace earlier ones of the same scenario and product", () => {
  const merged = mergeCells(
    [cell("kill", "nginx-rr", { p99: 1 }), cell("kill", "caddy-rr")],
    [cell("kill", "nginx-rr", { p99: 2 }), cell("stop", "nginx-rr")],
  );
  assert.deepEqual(
    merged.map(({ scenario, product, summary }) => [scenario, product, summary.p99Ms]),
    [
      ["kill", "nginx-rr", 2],
      ["kill", "caddy-rr", 5],
      ["stop", "nginx-rr", 5],
    ],
  );
});
