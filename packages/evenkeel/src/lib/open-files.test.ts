import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultConnections, filesFor, readFileLimit } from "./open-files.ts";

test("the limit is read from the system's table; without one nothing is known", () => {
  const file = join(mkdtempSync(join(tmpdir(), "evenkeel-")), "limits");
  writeFileSync(file, "Limit  Soft Limit\nMax open files            4242      524288     files\n");
  assert.equal(readFileLimit(file), 4242);
  writeFileSync(file, "Max open files            unlimited  unlimited  files\n");
  assert.equal(readFileLimit(file), undefined);
  assert.equal(readFileLimit(`${file}.missing`), undefined);
});

for (const [limit, connections] of [
  [undefined, 20_000],
  [1_048_576, 20_000],
  [40_256, 20_000],
  [40_255, 19_999],
  [20_000, 9872],
  [1024, 384],
  [100, 1],
] as const) {
  test(`with ${limit ?? "no known limit of"} files a listener takes ${connections} connections`, () => {
    assert.equal(defaultConnections(limit), connections);
    if (limit !== undefined && limit > 300) assert.ok(filesFor(connections) <= limit);
  });
}
