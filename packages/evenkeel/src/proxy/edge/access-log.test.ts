import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { createAccessLog } from "./access-log.ts";
import type { LineWriterOptions } from "./line-writer.ts";
import { entry } from "./testing/access-entry.ts";

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

  test("is left alone after rotation, no line lost or doubled", { timeout: 10_000 }, async () => {
    const { path, log } = openLog("rotated.log", { flushBytes: 500 });
    while (!existsSync(path)) await new Promise(setImmediate);
    for (let count = 0; count < 300; count++) {
      if (count === 100) renameSync(path, `${path}.1`);
      if (count === 200) log.reopen();
      log.write({ ...entry, bytesSent: count });
      if (count % 10 === 0) await new Promise(setImmediate);
    }
    // Lines that waited may have gone to either file; what comes once the new one is there may not.
    while (!existsSync(path)) await new Promise(setImmediate);
    log.write({ ...entry, bytesSent: 300 });
    await log.close();
    const text = readFileSync(`${path}.1`, "latin1") + readFileSync(path, "latin1");
    const numbers = text
      .trim()
      .split("\n")
      .map((line) => Number(/ 200 (\d+) /.exec(line)?.[1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: 301 }, (_, index) => index),
    );
    assert.match(readFileSync(path, "latin1"), / 200 300 /);
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
