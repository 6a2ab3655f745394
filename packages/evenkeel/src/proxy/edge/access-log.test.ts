import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { createAccessLog } from "./access-log.ts";
import { createCombinedFormat } from "./combined-line.ts";
import type { AccessEntry } from "./contract.ts";
import { createJsonFormat, levelOf } from "./json-line.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { LineFormat } from "./line-format.ts";
import { createLineWriter, type LineWriterOptions } from "./line-writer.ts";
import type { LogFile, OpenLogFile } from "./log-file.ts";

const entry: AccessEntry = {
  startedAtMs: Date.UTC(2026, 10, 21, 12, 38, 57, 42),
  durationUs: 12_345,
  firstByteUs: 9_001,
  requestId: "r1",
  listener: "web",
  route: "api",
  upstream: "api-v1",
  endpoint: "10.0.0.1:8080",
  attempts: 2,
  clientAddress: "192.0.2.1",
  method: "GET",
  host: "shop.example",
  target: "/a?b=1",
  minorVersion: 1,
  status: 200,
  bytesReceived: 0,
  bytesSent: 66,
  referer: "",
  userAgent: "curl/8",
  reason: "",
  traceId: "t1",
};

/** A format's line for one entry. */
function lineOf(format: LineFormat, one: AccessEntry): string {
  const out = new LineBuffer(8);
  format(one, out);
  return out.take().toString("latin1");
}

describe("a JSON line", () => {
  test("has every field", () => {
    const text = lineOf(createJsonFormat("edge"), entry);
    assert.ok(text.endsWith("}\n"));
    assert.deepEqual(JSON.parse(text), {
      trace_id: "t1",
      level: "info",
      service_name: "edge",
      timestamp: "2026-11-21T12:38:57.042Z",
      request_id: "r1",
      listener: "web",
      method: "GET",
      host: "shop.example",
      client: "192.0.2.1",
      target: "/a?b=1",
      protocol: "HTTP/1.1",
      status: 200,
      reason: "",
      route: "api",
      upstream: "api-v1",
      endpoint: "10.0.0.1:8080",
      attempts: 2,
      duration_ms: 12.345,
      first_byte_ms: 9.001,
      bytes_received: 0,
      bytes_sent: 66,
      user_agent: "curl/8",
      referer: "",
    });
  });

  /** Each changes alone, so that nothing remembered from the line before may survive. */
  const changes: readonly Partial<AccessEntry>[] = [
    { listener: "other" },
    { host: "b" },
    { method: "PUT" },
    { clientAddress: "::1" },
    { target: "/b" },
    { minorVersion: 0 },
    { status: 404 },
    { status: 404, reason: "no_route" },
    { route: "r" },
    { upstream: "u" },
    { endpoint: "e:1" },
    { attempts: 1 },
    { attempts: 1, endpoint: "e:2" },
    { durationUs: 999 },
    { firstByteUs: 0 },
    { bytesReceived: 5 },
    { bytesSent: 5e9 },
    { userAgent: "x" },
    { referer: "http://y/" },
    { requestId: "r2", traceId: "r2" },
    { startedAtMs: entry.startedAtMs + 1 },
    { startedAtMs: entry.startedAtMs + 60_000 },
    { startedAtMs: entry.startedAtMs + 60_000, status: 500 },
  ];
  test("never repeats what an earlier line said", () => {
    const format = createJsonFormat("edge");
    lineOf(format, entry);
    for (const change of changes) {
      const changed = { ...entry, ...change };
      assert.equal(lineOf(format, changed), lineOf(createJsonFormat("edge"), changed));
      assert.equal(lineOf(format, entry), lineOf(createJsonFormat("edge"), entry));
    }
  });

  test("stays one line of valid JSON whatever is in it", () => {
    const hostile = 'a"b\\c\n\u0000\u007f\u00e9\u20ac';
    const all = {
      ...entry,
      requestId: hostile,
      traceId: `${hostile}!`,
      listener: hostile,
      route: hostile,
      upstream: hostile,
      endpoint: hostile,
      method: hostile,
      host: hostile,
      target: hostile,
      referer: hostile,
      userAgent: hostile,
    };
    const text = lineOf(createJsonFormat(hostile), all);
    assert.match(text, /^[ -~]+\n$/);
    const parsed = JSON.parse(text);
    assert.equal(parsed.service_name, hostile);
    assert.equal(parsed.target, hostile);
    assert.equal(parsed.user_agent, hostile);
    assert.equal(parsed.trace_id, `${hostile}!`);
  });

  const levels = [
    { status: 200, reason: "", level: "info" },
    { status: 404, reason: "", level: "info" },
    { status: 429, reason: "rate_limited", level: "warn" },
    { status: 0, reason: "client_closed", level: "warn" },
    { status: 200, reason: "origin_closed", level: "error" },
    { status: 500, reason: "", level: "error" },
    { status: 503, reason: "no_endpoint", level: "error" },
  ] as const;
  for (const { status, reason, level } of levels) {
    test(`of ${status} ${reason} is ${level}`, () =>
      assert.equal(levelOf({ ...entry, status, reason }), level));
  }
});

describe("a combined line", () => {
  test("is nginx's", () => {
    assert.equal(
      lineOf(
        createCombinedFormat(() => 0),
        entry,
      ),
      '192.0.2.1 - - [21/Nov/2026:12:38:57 +0000] "GET /a?b=1 HTTP/1.1" 200 66 "-" "curl/8"\n',
    );
  });

  test("escapes as nginx does", () => {
    const hostile = { ...entry, target: '/"\\\u00e9', userAgent: "a\nb\u007f", referer: "\u20ac" };
    assert.match(
      lineOf(
        createCombinedFormat(() => 0),
        hostile,
      ),
      /"GET \/\\x22\\x5C\\xE9 HTTP\/1\.1" 200 66 "\\xE2\\x82\\xAC" "a\\x0Ab\\x7F"\n$/,
    );
  });

  test("has a dash for a request that could not be read, and three digits of status", () => {
    const broken = { ...entry, method: "", target: "", status: 0 };
    assert.match(
      lineOf(
        createCombinedFormat(() => 0),
        broken,
      ),
      /\] "-" 000 66 /,
    );
  });

  const zones = [
    { offset: 330, text: "21/Nov/2026:18:08:57 +0530" },
    { offset: -765, text: "20/Nov/2026:23:53:57 -1245" },
  ];
  for (const { offset, text } of zones) {
    test(`tells the time of the answer's end in its zone: ${text}`, () =>
      assert.ok(
        lineOf(
          createCombinedFormat(() => offset),
          entry,
        ).includes(`[${text}]`),
      ));
  }
});

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

describe("a line buffer", () => {
  test("adds numbers as they are written", () => {
    const numbers = [0, 7, 9, 10, 99, 100, 123_456_789, 5e9, 1e15, 2 ** 53, 12.9, -3];
    for (const number of numbers) {
      const out = new LineBuffer(1);
      out.integer(number);
      assert.equal(out.take().toString(), String(Math.max(0, Math.floor(number))));
    }
    for (const number of [0, 5, 999, 1_000, 12_345, 60_000_001.7]) {
      const out = new LineBuffer(1);
      out.thousandths(number);
      assert.equal(out.take().toString(), (Math.floor(number) / 1_000).toFixed(3));
    }
  });

  test("grows as it must and keeps what was in it", () => {
    const out = new LineBuffer(4);
    const pieces = ["a", "longer than the buffer", '"quoted"', "x".repeat(100)];
    for (const piece of pieces) out.json(piece);
    out.piece(Buffer.from("end"));
    assert.equal(out.take().toString(), `alonger than the buffer\\"quoted\\"${"x".repeat(100)}end`);
  });

  test("never hands out bytes that are still in use", () => {
    const out = new LineBuffer(4);
    out.text("one");
    const one = out.take();
    out.text("two");
    assert.equal(one.toString(), "one");
    out.giveBack(one);
    const two = out.take();
    out.text("six");
    assert.equal(two.toString(), "two");
    assert.equal(out.take().buffer, one.buffer);
  });
});

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

  test("not at all, and closing ends, where it never can", async () => {
    const { writer, problems } = writerTo((_, done) => done(new Error("no"), undefined));
    writer.write("a\n");
    await writer.close();
    assert.equal(problems.at(-1), "access log log is too slow; 1 lines were dropped");
    writer.write("late\n");
    await writer.close();
  });
});

describe("a log file", () => {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-access-log-"));
  after(() => rmSync(folder, { recursive: true }));

  function openLog(name: string, options: Partial<LineWriterOptions> = {}) {
    const path = join(folder, name);
    const problems: string[] = [];
    const settings = { format: "combined", path, serviceName: "edge" } as const;
    const log = createAccessLog(settings, (message) => problems.push(message), options);
    return { path, problems, log };
  }

  test("is appended to, and complete once closed", async () => {
    const { path, log, problems } = openLog("appended.log");
    writeFileSync(path, "before\n");
    for (let count = 0; count < 1_000; count++) log.write({ ...entry, bytesSent: count });
    await log.close();
    const lines = readFileSync(path, "latin1").split("\n");
    assert.equal(lines.length, 1_002);
    assert.equal(lines[0], "before");
    assert.match(lines[1_000] ?? "", / 200 999 "-"/);
    assert.deepEqual(problems, []);
  });

  test("is left alone after rotation, no line lost or doubled", async () => {
    const { path, log } = openLog("rotated.log", { flushBytes: 500 });
    for (let count = 0; count < 300; count++) {
      if (count === 100) renameSync(path, `${path}.1`);
      if (count === 200) log.reopen();
      log.write({ ...entry, bytesSent: count });
      if (count % 10 === 0) await new Promise(setImmediate);
    }
    await log.close();
    const text = readFileSync(`${path}.1`, "latin1") + readFileSync(path, "latin1");
    const numbers = text
      .trim()
      .split("\n")
      .map((line) => Number(/ 200 (\d+) /.exec(line)?.[1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: 300 }, (_, index) => index),
    );
    assert.ok(numbers.length > readFileSync(`${path}.1`, "latin1").split("\n").length);
  });

  test("that can't be opened is a problem, not an exception", async () => {
    const { log, problems } = openLog("missing/folder.log");
    log.write(entry);
    await log.close();
    assert.match(problems.join(), /can't be opened: ENOENT/);
    assert.match(problems.join(), /1 lines were dropped/);
  });

  test("stdout of a pipe gets every line whole", { timeout: 10_000 }, async () => {
    const source = `
      const { createLineWriter } = await import(${JSON.stringify(import.meta.resolve("./line-writer.ts"))});
      const writer = createLineWriter("stdout", (n, out) => out.text("line " + n + " " + "x".repeat(n % 90) + "\\n"), () => process.exit(1));
      for (let n = 0; n < 5000; n++) writer.write(n);
      await writer.close();
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source]);
    let text = "";
    child.stdout.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    const [code] = await once(child, "close");
    const expected = Array.from({ length: 5_000 }, (_, n) => `line ${n} ${"x".repeat(n % 90)}\n`);
    assert.equal(code, 0);
    assert.equal(text, expected.join(""));
  });
});
