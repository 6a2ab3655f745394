import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { LineFormat } from "./line-format.ts";
import { createLineWriter, type LineWriterOptions } from "./line-writer.ts";
import type { LogFile, OpenLogFile } from "./log-file.ts";
import { entry } from "./testing/access-entry.ts";

/** A file whose writes end when the test says so. */
function slowFile() {
  const texts: string[] = [];
  const waiting: (() => void)[] = [];
  let closes = 0;
  let error: NodeJS.ErrnoException | null = null;
  const file: LogFile = {
    atomicBytes: Number.POSITIVE_INFINITY,
    write(bytes, offset, length, done) {
      waiting.push(() => {
        if (error === null) texts.push(bytes.toString("latin1", offset, offset + length));
        done(error, length);
      });
    },
    close(done) {
      closes++;
      done();
    },
  };
  return {
    file,
    texts,
    get closes() {
      return closes;
    },
    get waiting() {
      return waiting.length;
    },
    fail(code: string) {
      error = Object.assign(new Error(`failed: ${code}`), { code });
    },
    recover() {
      error = null;
    },
    finishWrite() {
      waiting.shift()?.();
    },
  };
}

function writerTo(open: OpenLogFile, options: Partial<LineWriterOptions> = {}) {
  const problems: string[] = [];
  const log = createLineWriter("log", targetOf, (message) => problems.push(message), {
    open,
    flushMs: 60_000,
    reportMs: 60_000,
    ...options,
  });
  const writer = {
    write: (text: string) => log.write({ ...entry, target: text }),
    close: () => log.close(),
  };
  return { writer, problems };
}

/** Lines that are all target. */
const targetOf: LineFormat = (one, out) => out.text(one.target);

describe("lines are written", () => {
  test("in batches, one write at a time", async () => {
    const slow = slowFile();
    const { writer } = writerTo((_, done) => done(null, slow.file), { flushBytes: 4 });
    writer.write("a\n");
    assert.equal(slow.waiting, 0);
    writer.write("b\n");
    writer.write("c\n");
    writer.write("d\n");
    assert.equal(slow.waiting, 1);
    slow.finishWrite();
    slow.finishWrite();
    assert.deepEqual(slow.texts, ["a\nb\n", "c\nd\n"]);
    const closed = writer.close();
    await closed;
    assert.equal(slow.closes, 1);
  });

  test("after some time where few come", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slow = slowFile();
    const { writer } = writerTo((_, done) => done(null, slow.file), { flushMs: 200 });
    writer.write("a\n");
    context.mock.timers.tick(199);
    assert.equal(slow.waiting, 0);
    context.mock.timers.tick(1);
    slow.finishWrite();
    assert.deepEqual(slow.texts, ["a\n"]);
  });

  test("within a bound of memory: what is too much is dropped and counted", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slow = slowFile();
    const bounds = { flushBytes: 2, maxPendingBytes: 6, reportMs: 1_000 };
    const { writer, problems } = writerTo((_, done) => done(null, slow.file), bounds);
    for (const line of ["1\n", "2\n", "3\n", "4\n", "5\n", "6\n", "7\n"]) writer.write(line);
    assert.deepEqual(problems, ["access log log is too slow; 1 lines were dropped"]);
    context.mock.timers.tick(1_000);
    assert.equal(problems[1], "access log log is too slow; 2 lines were dropped");
    writer.write("8\n");
    assert.equal(problems.length, 2);
    slow.finishWrite();
    slow.finishWrite();
    assert.deepEqual(slow.texts, ["1\n", "2\n3\n4\n"]);
    writer.write("9\n");
    slow.finishWrite();
    assert.equal(slow.texts[2], "9\n");
    context.mock.timers.tick(1_000);
    assert.equal(problems.length, 3);
  });

  test("or reported as lost where the disk refuses them", async () => {
    const slow = slowFile();
    const { writer, problems } = writerTo((_, done) => done(null, slow.file), { flushBytes: 1 });
    slow.fail("ENOSPC");
    writer.write("a\n");
    slow.finishWrite();
    assert.deepEqual(problems, [
      "access log log can't be written: failed: ENOSPC; 1 lines were dropped",
    ]);
    await writer.close();
  });

  test("again after a moment where a pipe is full", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slow = slowFile();
    const options = { flushBytes: 1, flushMs: 200 };
    const { writer, problems } = writerTo((_, done) => done(null, slow.file), options);
    slow.fail("EAGAIN");
    writer.write("a\n");
    slow.finishWrite();
    assert.equal(slow.waiting, 0);
    slow.recover();
    context.mock.timers.tick(200);
    slow.finishWrite();
    assert.deepEqual([slow.texts, problems], [["a\n"], []]);
  });

  test("or given up where a pipe is still full at the end", { timeout: 5_000 }, async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slow = slowFile();
    const options = { flushBytes: 1, flushMs: 200 };
    const { writer, problems } = writerTo((_, done) => done(null, slow.file), options);
    slow.fail("EAGAIN");
    writer.write("a\n");
    slow.finishWrite();
    const closed = writer.close();
    context.mock.timers.tick(200);
    slow.finishWrite();
    await closed;
    assert.match(problems.join(), /can't be written: failed: EAGAIN; 1 lines were dropped/);
  });

  test("in whole lines where larger writes could be torn apart", () => {
    const slow = slowFile();
    const pipe = { ...slow.file, atomicBytes: 6 };
    const { writer } = writerTo((_, done) => done(null, pipe), { flushBytes: 18 });
    writer.write("ab\n");
    writer.write("cd\n");
    writer.write("too long\n");
    writer.write("ef\n");
    for (let count = 0; count < 3; count++) slow.finishWrite();
    assert.deepEqual(slow.texts, ["ab\ncd\n", "too long\n", "ef\n"]);
  });

  test("once a file can be opened after all", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const slow = slowFile();
    let attempts = 0;
    const open: OpenLogFile = (_, done) => {
      if (attempts++ === 0) done(new Error("no such folder"), undefined);
      else done(null, slow.file);
    };
    const { writer, problems } = writerTo(open, { flushBytes: 1, reportMs: 1_000 });
    writer.write("a\n");
    assert.deepEqual(problems, ["access log log can't be opened: no such folder"]);
    context.mock.timers.tick(1_000);
    slow.finishWrite();
    assert.deepEqual(slow.texts, ["a\n"]);
  });

  test("with one complaint a minute until then, and a word at the end of it", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    let why = "no such folder";
    const open: OpenLogFile = (_, done) => {
      if (why === "") done(null, slowFile().file);
      else done(new Error(why), undefined);
    };
    const { problems } = writerTo(open, { reportMs: 1_000 });
    for (let second = 0; second < 59; second++) context.mock.timers.tick(1_000);
    assert.deepEqual(problems, ["access log log can't be opened: no such folder"]);
    for (let second = 0; second < 59; second++) context.mock.timers.tick(1_000);
    assert.equal(problems.length, 2, "once a minute");
    why = "permission denied";
    for (let second = 0; second < 2; second++) context.mock.timers.tick(1_000);
    why = "";
    for (let second = 0; second < 60; second++) context.mock.timers.tick(1_000);
    assert.deepEqual(problems.slice(2), [
      "access log log can't be opened: permission denied",
      "access log log is written again",
    ]);
  });

  test("not at all, and closing ends, where it never can", async () => {
    const { writer, problems } = writerTo((_, done) => done(new Error("no"), undefined));
    writer.write("a\n");
    await writer.close();
    assert.equal(problems.at(-1), "access log log can't be opened: no; 1 lines were dropped");
    writer.write("late\n");
    await writer.close();
  });
});
