import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

const program = join(import.meta.dirname, "testing", "full-disk-program.ts");

/** What runs the program in the folder `$1`. */
const means: Readonly<Record<string, readonly string[]>> = {
  "a file that may not grow": ["sh", "-c", `exec "$0" "$2" "$1" limit`],
  // A disk of its own needs root, and a system that allows name spaces.
  ...(spawnSync("unshare", ["-m", "true"]).status === 0 && {
    "a full disk": [
      "unshare",
      "-m",
      "sh",
      "-c",
      `mount -t tmpfs -o size=700k tmpfs "$1" && exec "$0" "$2" "$1" filler`,
    ],
  }),
};

describe("refuses intents, keeps the rest in memory, writes it later:", () => {
  for (const [name, [command = "", ...words]] of Object.entries(means)) {
    test(name, () => {
      const folder = mkdtempSync(join(tmpdir(), "evenkeel-full-"));
      const all = [...words, process.execPath, folder, program];
      const { status, stderr } = spawnSync(command, all, { encoding: "utf8", timeout: 30_000 });
      rmSync(folder, { recursive: true, force: true });
      assert.equal(status, 0, stderr);
    });
  }
});
