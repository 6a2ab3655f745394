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

function watched(t: TestContext, { link = false, settleMs = 10 } = {}): Watched {
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-watch-"));
  const file = join(dir, "evenkeel.yaml");
  if (link) {
    mkdirSync(join(dir, "real"));
    writeFileSync(join(dir, "real", "one.yaml"), "one");
    symlinkSync(join(dir, "real", "one.yaml"), file);
  } else writeFileSync(file, "one");
  let count = 0;
  let tell = (): void => undefined;
  const told = (): void => {
    count++;
    tell();
  };
  const watch = watchFile(file, told, { settleMs });
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

test("a file that is gone is told of once, and its return too", deadline, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-watch-"));
  const file = join(dir, "evenkeel.yaml");
  writeFileSync(file, "one");
  const events: string[] = [];
  let tell = (): void => undefined;
  const note = (event: string) => (): void => {
    events.push(event);
    tell();
  };
  const next = (): Promise<void> => new Promise((resolve) => (tell = resolve));
  const watch = watchFile(file, note("changed"), { gone: note("gone"), back: note("back") });
  t.after(() => {
    watch.close();
    rmSync(dir, { recursive: true });
  });
  let told = next();
  rmSync(file);
  await told;
  told = next();
  writeFileSync(file, "two");
  await told;
  assert.deepEqual(events, ["gone", "back", "changed"]);
});

test(
  "what is renamed over it does not wait to settle, what is written does",
  deadline,
  async (t) => {
    const { dir, file, next, count } = watched(t, { settleMs: 3_600_000 });
    const changed = next();
    writeFileSync(file, "two");
    // Seen by the watch before the rename is.
    await new Promise((resolve) => setImmediate(resolve));
    writeFileSync(join(dir, "staged"), "three");
    renameSync(join(dir, "staged"), file);
    await changed;
    assert.equal(count(), 1);
  },
);

test("a new file in its place waits to settle, whatever else is removed", deadline, async (t) => {
  const { dir, file, next, count } = watched(t, { settleMs: 3_600_000 });
  writeFileSync(join(dir, "other"), "x");
  rmSync(join(dir, "other"));
  writeFileSync(join(dir, "kept"), "x");
  rmSync(file);
  writeFileSync(file, "half");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(count(), 0);
  const changed = next();
  writeFileSync(join(dir, "staged"), "whole");
  renameSync(join(dir, "staged"), file);
  await changed;
  assert.equal(count(), 1);
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
  const { dir, next } = watched(t, { link: true });
  const changed = next();
  writeFileSync(join(dir, "real", "one.yaml"), "changed");
  await changed;
});
