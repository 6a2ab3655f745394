import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchFile } from "./watch-file.ts";

interface Watched {
  readonly dir: string;
  readonly file: string;
  /** Resolves at the next change. */
  readonly next: () => Promise<void>;
  readonly count: () => number;
}

function watched(t: TestContext, link = false): Watched {
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-watch-"));
  const file = join(dir, "evenkeel.yaml");
  if (link) {
    mkdirSync(join(dir, "real"));
    writeFileSync(join(dir, "real", "one.yaml"), "one");
    symlinkSync(join(dir, "real", "one.yaml"), file);
  } else writeFileSync(file, "one");
  let count = 0;
  let tell = (): void => undefined;
  const watch = watchFile(file, () => {
    count++;
    tell();
  });
  t.after(() => {
    watch.close();
    rmSync(dir, { recursive: true });
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  return { dir, file, next, count: () => count };
}

const deadline = { timeout: 10_000 };

test("a write, a rename over it, and a removal followed by a new file", deadline, async (t) => {
  const { dir, file, next } = watched(t);
  let changed = next();
  writeFileSync(file, "two");
  await changed;
  changed = next();
  writeFileSync(join(dir, "staged"), "three");
  renameSync(join(dir, "staged"), file);
  await changed;
  changed = next();
  rmSync(file);
  writeFileSync(file, "four");
  await changed;
});

test("several writes close together are one change; other files are none", deadline, async (t) => {
  const { dir, file, next, count } = watched(t);
  const changed = next();
  writeFileSync(join(dir, "other"), "x");
  for (let write = 0; write < 5; write++) writeFileSync(file, `two ${write}`);
  await changed;
  assert.equal(count(), 1);
});

test("a link's content in another folder is noticed too", deadline, async (t) => {
  const { dir, next } = watched(t, true);
  const changed = next();
  writeFileSync(join(dir, "real", "one.yaml"), "changed");
  await changed;
});
