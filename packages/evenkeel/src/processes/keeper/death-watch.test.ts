import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { watchDeath } from "./death-watch.ts";
import { readIdentity, readStat } from "./identity.ts";

const deadline = { timeout: 10_000 };

function start(t: TestContext, script: string): ChildProcess {
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

test("a process lives until it is reaped", deadline, async (t) => {
  const child = start(t, "exec sleep 60");
  const watch = watchDeath(readIdentity(child.pid!)!);
  assert.equal(watch.alive(), true);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(watch.alive(), false);
  watch.close();
  watch.close();
});

test("a corpse that nobody reaps is dead", deadline, async (t) => {
  // The grandchild's parent becomes a program that knows nothing of it.
  const child = start(t, "exec 3<&0; (read end <&3) & echo $!; exec sleep 60");
  const [text] = (await once(child.stdout!, "data")) as [Buffer];
  const pid = Number(text.toString());
  const watch = watchDeath(readIdentity(pid)!);
  assert.equal(watch.alive(), true);
  child.stdin!.end("\n");
  while (watch.alive()) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(readStat(pid)?.state, "Z");
  watch.close();
});

test("a stopped process lives", deadline, async (t) => {
  const child = start(t, "exec sleep 60");
  child.kill("SIGSTOP");
  while (readStat(child.pid!)?.state !== "T") await new Promise((resolve) => setImmediate(resolve));
  const watch = watchDeath(readIdentity(child.pid!)!);
  assert.equal(watch.alive(), true);
  watch.close();
});

test("one that is not who it should be is dead from the start", () => {
  const own = readIdentity(process.pid)!;
  const watch = watchDeath({ ...own, startTicks: own.startTicks - 1 });
  assert.equal(watch.alive(), false);
  watch.close();
});

test("what is closed holds no descriptor", () => {
  const open = (): number => readdirSync("/proc/self/fd").length;
  const before = open();
  const watches = Array.from({ length: 20 }, () => watchDeath(readIdentity(process.pid)!));
  assert.equal(open(), before + 20);
  for (const watch of watches) watch.close();
  assert.equal(open(), before);
});
