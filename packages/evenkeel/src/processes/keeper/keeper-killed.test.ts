/** A keeper killed with -9 at random instants: the next one finds what lives, all of it, once. */
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { isDead, readStat } from "./identity.ts";
import { INSTANCES } from "./keeper.ts";
import { tempFolder } from "./testing/order.ts";

const PROGRAM = join(import.meta.dirname, "testing/mortal-keeper.ts");
const ROUNDS = 30;
const CHILDREN = 12;

interface Line {
  readonly run?: string;
  readonly error?: string;
  readonly living?: readonly (readonly [run: string, pid: number])[];
  readonly exits?: readonly string[];
}

interface Mortal {
  readonly child: ChildProcess;
  readonly lines: Line[];
  readonly reader: Interface;
}

function startMortal(stateDir: string, prefix: string, count: number): Mortal {
  const child = spawn(process.execPath, [PROGRAM, stateDir, prefix, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: Line[] = [];
  const reader = createInterface(child.stdout);
  reader.on("line", (line) => lines.push(JSON.parse(line) as Line));
  return { child, lines, reader };
}

async function kill({ child, reader }: Mortal): Promise<void> {
  const gone = Promise.all([once(child, "exit"), once(reader, "close")]);
  child.kill("SIGKILL");
  await gone;
}

/** Living processes with a run of this test in their environment. */
function livingRuns(prefix: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (!stat || isDead(stat)) continue;
    const run = runOf(name);
    if (run?.startsWith(prefix) !== true) continue;
    found.set(run, [...(found.get(run) ?? []), Number(name)]);
  }
  return found;
}

function runOf(pid: string): string | undefined {
  try {
    const environ = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return environ.find((one) => one.startsWith("EVENKEEL_INSTANCE_RUN="))?.slice(22);
  } catch {
    return undefined;
  }
}

function cleanUp(t: TestContext, prefix: string): void {
  t.after(() => {
    for (const pids of livingRuns(prefix).values()) {
      for (const pid of pids) process.kill(pid, "SIGKILL");
    }
  });
}

test(
  "killed at any instant, a keeper's children are all found, none twice",
  { timeout: 60_000 },
  async (t) => {
    const stateDir = tempFolder(t);
    const prefix = randomUUID();
    cleanUp(t, prefix);
    let cutOff = 0;
    const errors: Line[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const mortal = startMortal(stateDir, `${prefix}-${round}`, CHILDREN);
      await once(mortal.reader, "line");
      const before = mortal.lines[0]!;
      // From the first start to well after the last one.
      await pause(Math.random() * 40);
      await kill(mortal);
      errors.push(...mortal.lines.filter(({ error }) => error !== undefined));
      if (mortal.lines.length < CHILDREN + 1) cutOff++;
      assert.ok(before.living !== undefined, "it begins with what it found");
    }
    const last = startMortal(stateDir, prefix, 0);
    await once(last.reader, "line");
    const { living = [] } = last.lines[0]!;
    const found = livingRuns(prefix);
    await kill(last);
    t.diagnostic(`${cutOff} of ${ROUNDS} were killed among their starts; ${living.length} live`);
    assert.deepEqual(errors, []);
    assert.ok(cutOff >= ROUNDS / 4, "the instants were well chosen");
    for (const [run, pids] of found) assert.equal(pids.length, 1, `${run} lives once`);
    assert.deepEqual(
      living.map(([run, pid]) => `${run} ${pid}`).sort(),
      [...found].map(([run, pids]) => `${run} ${pids[0]}`).sort(),
    );
    const entries = readdirSync(join(stateDir, INSTANCES)).filter((name) => name.endsWith(".json"));
    assert.ok(entries.length >= living.length);
    assert.equal(readdirSync(join(stateDir, INSTANCES)).includes("broken"), false);
  },
);
