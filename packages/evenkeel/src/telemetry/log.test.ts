import { test } from "node:test";
import assert from "node:assert/strict";
import { adjustLog, createLog } from "./log.ts";

function capture(level: string): { lines: string[]; log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  const log = createLog({
    level,
    thread: "control",
    destination: { write: (line: string) => void lines.push(line) },
  });
  return { lines, log };
}

test("a line is one JSON object with the agreed fields", () => {
  const { lines, log } = capture("info");
  log.info({ upstream: "api" }, "hello");
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.equal(line["level"], "info");
  assert.equal(line["service_name"], "evenkeel");
  assert.equal(line["thread"], "control");
  assert.equal(line["message"], "hello");
  assert.equal(line["upstream"], "api");
  assert.match(String(line["timestamp"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("secrets are blanked at the top and one level down", () => {
  const { lines, log } = capture("info");
  log.info({ token: "s3cr3t", admin: { token: "s3cr3t" }, headers: { authorization: "s3cr3t" } });
  assert.ok(!lines[0]!.includes("s3cr3t"));
});

test("levels below the chosen one are silent; an unknown level means info", () => {
  const quiet = capture("error");
  quiet.log.warn("no");
  assert.equal(quiet.lines.length, 0);
  const unknown = capture("loud");
  unknown.log.debug("no");
  unknown.log.info("yes");
  assert.equal(unknown.lines.length, 1);
});

test("a configuration's name and level hold from the next line on", () => {
  const { lines, log } = capture("info");
  adjustLog(log, { level: "debug", serviceName: "shop-edge" });
  log.debug("hello");
  const line = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.deepEqual([line["service_name"], line["level"]], ["shop-edge", "debug"]);
  assert.equal(lines[0]!.match(/service_name/g)!.length, 1);
});

test("an error keeps its message and stack", () => {
  const { lines, log } = capture("info");
  log.error({ error: new Error("broken") }, "it broke");
  const line = JSON.parse(lines[0]!) as { error: { message: string; stack: string } };
  assert.equal(line.error.message, "broken");
  assert.match(line.error.stack, /log\.test/);
});
