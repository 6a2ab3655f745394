import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatDuration } from "../lib/duration.ts";
import { type SignalWord, vocabulary } from "./vocabulary.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../docs/signals.md"), "utf8");

const units: Readonly<Record<SignalWord["unit"], string>> = {
  none: "number",
  ratio: "percent",
  seconds: "time",
  bytes: "size",
  per_second: "per second",
  any: "any",
};

function row({ name, unit, of, window, meaning }: SignalWord): string {
  const back = window ? formatDuration(window.usualMs) : "now";
  const kinds = of.length === 0 ? "its labels" : of.join(", ");
  const cells = [`\`${name}\``, units[unit], kinds, back, meaning];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

test("docs/signals.md has every signal as the vocabulary has it", () => {
  const rows = [...vocabulary.values()].map(row);
  const there = page.split("\n").filter((line) => /^\| `\w+` \|.*\|.*\|.*\|.*\|$/.test(line));
  assert.deepEqual(there, rows);
});
