import { test } from "node:test";
import assert from "node:assert/strict";
import { createLog } from "../telemetry/log.ts";
import { canOpenFile, createFileShortageWatch } from "./file-shortage.ts";

test("a shortage is told once when it begins and once when it is over", () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: "info", thread: "host", destination });
  let canOpen = true;
  const look = createFileShortageWatch(log, () => canOpen);
  const after = (now: boolean): number => {
    canOpen = now;
    look();
    look();
    return lines.length;
  };
  assert.deepEqual([after(true), after(false), after(true), after(false)], [0, 1, 2, 3]);
  assert.match(lines[0]!, /"level":"error".*out of file descriptors.*ulimit -n/);
  assert.match(lines[1]!, /"level":"info".*descriptors again/);
});

test("a file that is not there is no shortage", () => {
  assert.equal(canOpenFile(), true);
  assert.equal(canOpenFile("/there/is/no/such/file"), true);
});
