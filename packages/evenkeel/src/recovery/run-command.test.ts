import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { OUTPUT_LIMIT_BYTES, runCommand } from "./run-command.ts";

const never = new AbortController().signal;
const node = (script: string, env: Record<string, string> = {}) => ({
  command: [process.execPath, "-e", script],
  env,
  cwd: "/",
});

/** Dead, whether or not somebody took note of it. */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true; // No such process.
  }
}

describe("a command", () => {
  test("passes with exit code 0, and what it wrote is kept", async () => {
    const outcome = await runCommand(
      node("console.log(process.env.A); console.error('e')", { A: "x" }),
      never,
    );
    assert.deepEqual(outcome, { ok: true, text: "it exited with 0", output: "x\ne" });
  });

  test("fails with any other", async () => {
    const outcome = await runCommand(node("process.exit(3)"), never);
    assert.deepEqual([outcome.ok, outcome.text], [false, "it exited with 3"]);
  });

  test("gets its arguments as they are, and no secrets of ours", async () => {
    process.env["EVENKEEL_TOKEN"] = "secret";
    const order = node(
      "console.log(JSON.stringify([process.argv[1], process.env.EVENKEEL_TOKEN ?? 0]))",
    );
    const { output } = await runCommand(
      { ...order, command: [...order.command, "$(id); a b"] },
      never,
    );
    delete process.env["EVENKEEL_TOKEN"];
    assert.deepEqual(JSON.parse(output), ["$(id); a b", 0]);
  });

  test("is killed with all it started when it is called off", { timeout: 10_000 }, async () => {
    const stop = new AbortController();
    const script = `const c = require("child_process").spawn("sleep", ["1000"], { stdio: "inherit" });
      console.log(c.pid); setInterval(() => {}, 1000)`;
    const running = runCommand(node(script), stop.signal);
    setTimeout(() => stop.abort(), 500);
    const { ok, text, output } = await running;
    assert.deepEqual([ok, text], [false, "it was killed: it took too long or was called off"]);
    assert.ok(isGone(Number(output)));
  });

  test("may write much: the end is kept", async () => {
    const script = "process.stdout.write('x'.repeat(300000) + 'end')";
    const { output } = await runCommand(node(script), never);
    assert.ok(output.length <= OUTPUT_LIMIT_BYTES && output.endsWith("xend"));
  });

  test("that can't be run is a failure in plain words", async () => {
    const absent = await runCommand({ command: ["/no/such"], env: {}, cwd: "/" }, never);
    assert.deepEqual([absent.ok, absent.text], [false, "/no/such or its folder was not found"]);
    const forbidden = await runCommand({ command: ["/etc/passwd"], env: {}, cwd: "/" }, never);
    assert.equal(forbidden.text, "/etc/passwd may not be run");
    const late = await runCommand(node("1"), AbortSignal.abort());
    assert.equal(late.text, "it was not started any more");
  });
});
