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
  assert.deepEqual(readdirSync(stateDir), []);
  taken(stateDir).release();
});

test("the lock of a dead holder is taken over", (t) => {
  const stateDir = stateDirOf(t);
  taken(stateDir);
  const path = join(stateDir, "evenkeel.lock");
  const own = readIdentity(process.pid)!;
  const leftovers = [
    { ...own, startTicks: own.startTicks - 1 }, // The number is in new hands.
    { ...own, bootId: "before the machine was started" },
    { ...own, pid: 4_000_000 },
    "nonsense",
  ];
  for (const leftover of leftovers) {
    writeFileSync(path, JSON.stringify(leftover));
    const lock = taken(stateDir);
    assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), own);
    lock.release();
  }
  assert.deepEqual(readdirSync(stateDir), []);
});

test("a lock that went to somebody else is not given free", (t) => {
  const stateDir = stateDirOf(t);
  const lock = taken(stateDir);
  const path = join(stateDir, "evenkeel.lock");
  writeFileSync(path, JSON.stringify({ ...readIdentity(process.pid), startTicks: 1 }));
  lock.release();
  assert.deepEqual(readdirSync(stateDir), ["evenkeel.lock"]);
});

test("a folder that can't be made is told in plain words", (t) => {
  const stateDir = stateDirOf(t);
  writeFileSync(stateDir, "a file");
  const refused = lockState(stateDir);
  assert.ok(!refused.ok);
  assert.match(refused.problem, /^the state folder .* can't be used: /);
});

const RACER = `
  import { lockState } from ${JSON.stringify(join(import.meta.dirname, "state-lock.ts"))};
  process.once("message", () => {
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
    writeFileSync(join(stateDir, "evenkeel.lock"), JSON.stringify(dead));
    const answers = racers.map(async (racer) => await once(racer, "message"));
    for (const racer of racers) racer.send("go");
    const won = (await Promise.all(answers)).filter(([ok]) => ok === true);
    assert.equal(won.length, 1);
    assert.deepEqual(readdirSync(stateDir), ["evenkeel.lock"]);
  },
);
