import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

const program = join(import.meta.dirname, "..", "..", "bin", "evenkeel.js");

test("output that nobody reads to its end is no failure", { timeout: 10_000 }, async () => {
  const child = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(complaints, "");
  assert.equal(code, 0);
});
