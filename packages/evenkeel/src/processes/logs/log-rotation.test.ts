import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { createLogRotation, isDue, type LogRotation, type RotatedLog } from "./log-rotation.ts";

const bySize = { rotateBytes: 100, rotateEveryMs: 0, keep: 3, gzip: false };

interface Scene {
  readonly folder: string;
  readonly path: string;
  readonly rotation: LogRotation;
  readonly problems: string[];
  readonly rotated: number[];
  readonly clock: { nowMs: number };
}

function scene(t: TestContext | undefined, settings: Partial<RotatedLog["settings"]> = {}): Scene {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-logs-"));
  t?.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "app.1.log");
  const problems: string[] = [];
  const rotated: number[] = [];
  const clock = { nowMs: Date.now() };
  const rotation = createLogRotation({
    logs: () => [{ path, settings: { ...bySize, ...settings } }],
    problem: (_, problem) => problems.push(problem),
    rotated: (_, bytes) => rotated.push(bytes),
    nowMs: () => clock.nowMs,
  });
  return { folder, path, rotation, problems, rotated, clock };
}

function names(folder: string): string[] {
  return readdirSync(folder).sort();
}

const dues = [
  ["smaller than the bound", { rotateBytes: 100, rotateEveryMs: 0 }, 99, 1e12, false],
  ["as large as the bound", { rotateBytes: 100, rotateEveryMs: 0 }, 100, 0, true],
  ["younger than the time", { rotateBytes: 0, rotateEveryMs: 1000 }, 1e12, 999, false],
  ["as old as the time", { rotateBytes: 0, rotateEveryMs: 1000 }, 1, 1000, true],
  ["either will do", { rotateBytes: 100, rotateEveryMs: 1000 }, 1, 1000, true],
  ["never", { rotateBytes: 0, rotateEveryMs: 0 }, 1e12, 1e12, false],
] as const;

for (const [name, settings, size, since, due] of dues) {
  test(`due: ${name}`, () => assert.equal(isDue(settings, size, since), due));
}

test("a log that is due moves, the older ones make room, the oldest goes", async (t) => {
  const { folder, path, rotation, rotated } = scene(t);
  await rotation.look(); // Nothing is there yet.
  for (const letter of ["a", "b", "c", "d", "e"]) {
    appendFileSync(path, `${letter.repeat(119)}\n`);
    await rotation.look();
    await rotation.look();
  }
  assert.deepEqual(names(folder), ["app.1.log", "app.1.log.1", "app.1.log.2", "app.1.log.3"]);
  assert.equal(statSync(path).size, 0);
  const first = [1, 2, 3].map((age) => readFileSync(`${path}.${age}`, "utf8")[0]);
  assert.deepEqual(first, ["e", "d", "c"]);
  assert.deepEqual(rotated, [120, 120, 120, 120, 120]);
});

test("who holds the file open writes on in it, from its start", async (t) => {
  const { path, rotation } = scene(t);
  const file = openSync(path, "a");
  t.after(() => closeSync(file));
  writeSync(file, "x".repeat(100));
  await rotation.look();
  writeSync(file, "after\n");
  assert.equal(readFileSync(path, "utf8"), "after\n");
});

test("compressed files keep their age, and a smaller `keep` removes more", async (t) => {
  const { folder, path, rotation } = scene(t, { gzip: true, keep: 2 });
  writeFileSync(`${path}.2`, "plain, from before");
  writeFileSync(`${path}.7.gz`, "too old");
  writeFileSync(`${path}.1x`, "not ours");
  for (const letter of ["a", "b"]) {
    appendFileSync(path, letter.repeat(200));
    await rotation.look();
  }
  assert.deepEqual(names(folder), [
    "app.1.log",
    "app.1.log.1.gz",
    "app.1.log.1x",
    "app.1.log.2.gz",
  ]);
  assert.equal(gunzipSync(readFileSync(`${path}.1.gz`)).toString(), "b".repeat(200));
  assert.equal(gunzipSync(readFileSync(`${path}.2.gz`)).toString(), "a".repeat(200));
});

test("nothing is kept where nothing is to be kept", async (t) => {
  const { folder, path, rotation, rotated } = scene(t, { keep: 0 });
  appendFileSync(path, "a".repeat(150));
  await rotation.look();
  assert.deepEqual([names(folder), statSync(path).size, rotated], [["app.1.log"], 0, [150]]);
});

test("by time: counted from the last rotation, also from one before a restart", async (t) => {
  const { path, rotation, rotated, clock } = scene(t, { rotateBytes: 0, rotateEveryMs: 3_600_000 });
  appendFileSync(path, "one");
  clock.nowMs = Date.now() + 3_500_000;
  await rotation.look();
  assert.deepEqual(rotated, []);
  clock.nowMs += 200_000;
  await rotation.look();
  assert.deepEqual(rotated, [3]);
  appendFileSync(path, "two!");
  await rotation.look();
  assert.deepEqual(rotated, [3]);

  const other = scene(t, { rotateBytes: 0, rotateEveryMs: 3_600_000 });
  appendFileSync(other.path, "new");
  writeFileSync(`${other.path}.1`, "rotated an hour ago");
  const anHourAgo = new Date(Date.now() - 3_700_000);
  utimesSync(`${other.path}.1`, anHourAgo, anHourAgo);
  await other.rotation.look();
  assert.deepEqual(other.rotated, [3]);
});

test("what can't be written is told once, tried again later, and the log is untouched", async (t) => {
  const { folder, path, rotation, problems, clock, rotated } = scene(t);
  appendFileSync(path, "a".repeat(200));
  mkdirSync(`${path}.rotating`); // Stands for a disk that takes nothing.
  await rotation.look();
  clock.nowMs += 1000;
  await rotation.look();
  clock.nowMs += 30_000;
  await rotation.look();
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /is a directory/);
  assert.equal(statSync(path).size, 200);
  rmSync(join(folder, "app.1.log.rotating"), { recursive: true });
  clock.nowMs += 29_000;
  await rotation.look();
  assert.deepEqual(rotated, []);
  clock.nowMs += 1000;
  await rotation.look();
  assert.deepEqual(rotated, [200]);
});

test("a disk that is full: told, nothing lost, and rotated once there is room", async (t) => {
  // A tiny file system would need root: /dev/full refuses every write, as a full disk does.
  const { path, rotation, problems, rotated, clock } = scene(t);
  appendFileSync(path, "a".repeat(200));
  writeFileSync(`${path}.1`, "older");
  const { symlinkSync, lstatSync } = await import("node:fs");
  symlinkSync("/dev/full", `${path}.rotating`);
  await rotation.look();
  assert.equal(problems[0], "the disk is full");
  assert.equal(statSync(path).size, 200);
  assert.equal(readFileSync(`${path}.1`, "utf8"), "older");
  assert.equal(lstatSync(`${path}.rotating`, { throwIfNoEntry: false }), undefined);
  clock.nowMs += 30_000;
  await rotation.look();
  assert.deepEqual(rotated, [200]);
  assert.equal(readFileSync(`${path}.2`, "utf8"), "older");
});

test("calls while one is at work join in", async (t) => {
  const { path, rotation, rotated } = scene(t);
  appendFileSync(path, "a".repeat(200));
  await Promise.all([rotation.look(), rotation.look(), rotation.look()]);
  assert.deepEqual(rotated, [200]);
});

/** All that was written, oldest first, file by file. */
function written(path: string, keep: number): string[] {
  const read = (age: number): string => {
    const file = `${path}.${age}`;
    if (statSync(file, { throwIfNoEntry: false })) return readFileSync(file, "utf8");
    if (statSync(`${file}.gz`, { throwIfNoEntry: false })) {
      return gunzipSync(readFileSync(`${file}.gz`)).toString();
    }
    return "";
  };
  const ages = Array.from({ length: keep }, (_, index) => keep - index);
  return [...ages.map(read), readFileSync(path, "utf8")];
}

test("no line is lost or doubled while somebody writes in between", async () => {
  const plan = fc.record({
    bytes: fc.integer({ min: 1, max: 5000 }),
    lines: fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 120 }),
    gzip: fc.boolean(),
  });
  const property = fc.asyncProperty(plan, async ({ bytes, lines, gzip }) => {
    const keep = 400;
    const { folder, path, rotation } = scene(undefined, { rotateBytes: bytes, keep, gzip });
    try {
      const file = openSync(path, "a");
      let expected = "";
      let rotating: Promise<void> | undefined;
      for (const [index, length] of lines.entries()) {
        const line = `${index} ${"x".repeat(length)}\n`;
        writeSync(file, line);
        expected += line;
        rotating ??= rotation.look().finally(() => (rotating = undefined));
        for (let turn = 0; turn < length % 4; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      await rotating;
      closeSync(file);
      assert.equal(written(path, keep).join(""), expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  await fc.assert(property, { numRuns: 40 });
});

const WRITER = `
  const { openSync, writeSync } = require("node:fs");
  const file = openSync(process.argv[1], "a");
  let sequence = 0;
  let asked = false;
  const started = process.hrtime.bigint();
  const write = () => {
    for (let count = 0; count < 20; count++) writeSync(file, (sequence++) + " padding padding padding\\n");
    if (!asked) return setImmediate(write);
    process.send({ sequence, us: Number(process.hrtime.bigint() - started) / 1000 });
    process.disconnect();
  };
  process.once("message", () => (asked = true));
  write();
`;

test(
  "against another process only the moment of the cut can lose lines",
  { timeout: 20_000 },
  async (t) => {
    const { path, rotation, rotated } = scene(t, { rotateBytes: 20_000, keep: 1000 });
    const writer = spawn(process.execPath, ["-e", WRITER, path], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const exited = once(writer, "exit");
    while (rotated.length < 60) await rotation.look();
    writer.send("stop");
    const [{ sequence, us }] = (await once(writer, "message")) as [
      { sequence: number; us: number },
    ];
    await exited;
    let last = -1;
    let gaps = 0;
    let lost = 0;
    let torn = 0;
    for (const text of written(path, 1000)) {
      const lines = text.split("\n");
      if (lines.pop() !== "") torn++; // The other half of its last line fell into the gap.
      for (const [index, line] of lines.entries()) {
        const number = Number(/^(\d+) padding padding padding$/.exec(line)![1]);
        assert.ok(number > last, `line ${number} comes after ${last}: none twice, in order`);
        if (number > last + 1) gaps++;
        assert.ok(number === last + 1 || index === 0, "lines are missing at cuts only");
        lost += number - last - 1;
        last = number;
      }
    }
    assert.equal(last, sequence - 1);
    const perCutUs = (lost * (us / sequence)) / rotated.length;
    t.diagnostic(
      `${lost} of ${sequence} lines lost in ${gaps} of ${rotated.length} cuts, ${torn} torn: ` +
        `the gap is ${perCutUs.toFixed(0)} us of a writer that does nothing else`,
    );
    assert.ok(perCutUs < 20_000, "a gap is no longer than a turn of the scheduler");
  },
);
