import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { tailLog } from "./tail-log.ts";

const folder = mkdtempSync(join(tmpdir(), "evenkeel-tail-"));
test.after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "app.log");

async function tail(text: string, lines: number): Promise<string> {
  writeFileSync(path, text);
  const { text: end, end: offset } = await tailLog(path, lines);
  assert.equal(offset, Buffer.byteLength(text));
  return end.toString();
}

const cases = [
  ["the last lines", "a\nb\nc\n", 2, "b\nc\n"],
  ["fewer than asked for", "a\nb\n", 5, "a\nb\n"],
  ["exactly as many", "a\nb\n", 2, "a\nb\n"],
  ["a line that has not ended", "a\nb\nc", 2, "b\nc"],
  ["only a line that has not ended", "abc", 1, "abc"],
  ["empty lines", "a\n\n\n", 2, "\n\n"],
  ["an empty file", "", 3, ""],
  ["no lines", "a\nb\n", 0, ""],
  ["lines longer than a block", `a\n${"b".repeat(100_000)}\nc\n`, 2, `${"b".repeat(100_000)}\nc\n`],
] as const;

for (const [name, text, lines, expected] of cases) {
  test(`tail: ${name}`, async () => assert.equal(await tail(text, lines), expected));
}

test("a line feed at the edge of a block", async () => {
  for (const length of [65_534, 65_535, 65_536, 65_537]) {
    const last = `${"x".repeat(length)}\n`;
    assert.equal(await tail(`first\n${last}`, 1), last);
    assert.equal(await tail(`first\n${last}`, 2), `first\n${last}`);
  }
});

test("as cutting the whole text would have it", async () => {
  const texts = fc.array(fc.constantFrom("a", "\n", "bc", "x".repeat(30_000)), { maxLength: 12 });
  const property = fc.asyncProperty(texts, fc.integer({ min: 0, max: 8 }), async (parts, lines) => {
    const text = parts.join("");
    const all = text.split("\n");
    if (all.at(-1) === "") all.pop();
    const ended = text.endsWith("\n");
    const wanted = lines === 0 ? [] : all.slice(-lines);
    const expected = wanted.join("\n") + (ended && wanted.length > 0 ? "\n" : "");
    assert.equal(await tail(text, lines), expected);
  });
  await fc.assert(property, { numRuns: 150 });
});

test("a log larger than the bound ends at the bound", async () => {
  writeFileSync(path, "y".repeat(9 * 1024 * 1024));
  assert.equal((await tailLog(path, 10)).text.length, 8 * 1024 * 1024);
});

test("no such log is an empty one; another trouble is told", async () => {
  assert.deepEqual(await tailLog(join(folder, "none"), 3), { text: Buffer.alloc(0), end: 0 });
  await assert.rejects(tailLog(folder, 3), { code: "EISDIR" });
});
