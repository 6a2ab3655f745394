import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readIdentity } from "../processes/keeper/identity.ts";
import { lockState, type StateLock } from "./state-lock.ts";

function stateDirOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-lock-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "state");
}

function taken(stateDir: string): StateLock {
  const outcome = lockState(stateDir);
  assert.ok(outcome.ok);
  return outcome.lock;
}

test("a free folder is made and taken, a taken one refused until it is free", (t) => {
  const stateDir = stateDirOf(t);
  const lock = taken(stateDir);
  const refused = lockState(stateDir);
  assert.ok(!refused.ok);
  assert.match(
    refused.problem,
    new RegExp(`${stateDir} is used by another Evenkeel .pid ${process.pid}`),
  );
  lock.release();
  taken(stateDir).release();
  assert.equal(readdirSync(stateDir).length, 1, "it does not pile up");
});

test("the lock of a dead holder is taken over", (t) => {
  const stateDir = stateDirOf(t);
  const own = readIdentity(process.pid)!;
  const leftovers = [
    { ...own, startTicks: own.startTicks - 1 }, // The number is in new hands.
    { ...own, bootId: "before the machine was started" },
    { ...own, pid: 4_000_000 },
    "nonsense",
  ];
  for (const leftover of leftovers) {
    taken(stateDir);
    writeFileSync(lockOf(stateDir), JSON.stringify(leftover));
    const lock = taken(stateDir);
    assert.deepEqual(JSON.parse(readFileSync(lockOf(stateDir), "utf8")), own);
    lock.release();
  }
  assert.equal(readdirSync(stateDir).length, 1);
});

test("a lock that went to somebody else is not given free", (t) => {
  const stateDir = stateDirOf(t);
  const lock = taken(stateDir);
  writeFileSync(lockOf(stateDir), JSON.stringify({ ...readIdentity(process.pid), startTicks: 1 }));
  const other = taken(stateDir);
  lock.release();
  assert.ok(!lockState(stateDir).ok);
  other.release();
  taken(stateDir).release();
});

test("who still believes in a lock that is long gone does not get it", (t) => {
  const stateDir = stateDirOf(t);
  const first = taken(stateDir);
  first.release();
  const second = taken(stateDir);
  first.release();
  assert.ok(!lockState(stateDir).ok);
  second.release();
});

test("a folder that can't be made is told in plain words", (t) => {
  const stateDir = stateDirOf(t);
  writeFileSync(stateDir, "a file");
  const refused = lockState(stateDir);
  assert.ok(!refused.ok);
  assert.match(refused.problem, /^the state folder .* can't be used: a part of its path is not a /);
});

/** The file of the only lock there is. */
function lockOf(stateDir: string): string {
  const [name = "", ...more] = readdirSync(stateDir);
  assert.deepEqual(more, []);
  return join(stateDir, name);
}

const RACER = `
  import { lockState } from ${JSON.stringify(join(import.meta.dirname, "state-lock.ts"))};
  // All at the same instant, or the first would have it before the last has begun.
  process.once("message", (atMs) => {
    while (Date.now() < atMs);
    const outcome = lockState(process.argv[1]);
    process.send(outcome.ok);
  });
  process.send("here");
`;

test(
  "of many that start at once over a dead holder's lock, one has it",
  { timeout: 20_000 },
  async (t) => {
    const stateDir = stateDirOf(t);
    const racers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", RACER, stateDir], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      }),
    );
    t.after(() => {
      for (const racer of racers) racer.kill("SIGKILL");
    });
    await Promise.all(racers.map(async (racer) => await once(racer, "message")));
    taken(stateDir);
    const dead = { ...readIdentity(process.pid), startTicks: 1 };
    writeFileSync(lockOf(stateDir), JSON.stringify(dead));
    const startsAtMs = Date.now() + 200;
    const answers = racers.map(async (racer) => await once(racer, "message"));
    for (const racer of racers) racer.send(startsAtMs);
    const won = (await Promise.all(answers)).filter(([ok]) => ok === true);
    assert.equal(won.length, 1);
    assert.equal(readdirSync(stateDir).length, 1);
  },
);
