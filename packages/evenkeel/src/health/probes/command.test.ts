import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { waitFor } from "../../../../../test/support/wait-for.ts";
import { describeProbeContract, type Scene } from "../testing/probe-contract.ts";
import { OUTPUT_LIMIT_BYTES } from "./command.ts";
import type { ProbeResult } from "./probe.ts";
import { runProbe } from "./run-probe.ts";

/** Runs a shell script that may write process ids to the file named by its first argument. */
function shell(script: string, timeoutMs = 5000): Promise<Scene & { readonly pids: string }> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-check-"));
  const pids = join(folder, "pids");
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      // A zombie has ended; it only waits for its parent to notice.
      return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, "latin1"));
    } catch {
      return false;
    }
  };
  return Promise.resolve({
    pids,
    request: {
      settings: {
        protocol: "command",
        command: ["/bin/sh", "-c", script, "check", pids, "{{host}}:{{port}}"],
      },
      host: "10.0.0.1",
      port: 8080,
      timeoutMs,
    },
    reached: () => waitFor("the command to run", () => existsSync(pids)),
    held: () => {
      if (!existsSync(pids)) return 0;
      return readFileSync(pids, "latin1")
        .trim()
        .split(/\s+/u)
        .filter((pid) => alive(Number(pid))).length;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(rmSync(folder, { recursive: true })),
  });
}

const WITH_A_CHILD = 'sleep 60 & printf "%s %s" "$$" "$!" > "$1.new"; mv "$1.new" "$1"';

describeProbeContract("command", runProbe, {
  passing: () => shell(`${WITH_A_CHILD}; exit 0`),
  failing: () => shell(`${WITH_A_CHILD}; exit 3`),
  silent: (timeoutMs) => shell(`${WITH_A_CHILD}; wait`, timeoutMs),
});

describe("command checks", () => {
  const cases: { name: string; script: string; verdict: ProbeResult["verdict"]; detail: string }[] =
    [
      {
        name: "its exit code",
        script: "exit 3",
        verdict: "failed",
        detail: "the command exited with 3",
      },
      {
        name: "its first words",
        script: "echo; echo '  lag is 9s'; echo more; exit 1",
        verdict: "failed",
        detail: "the command exited with 1: lag is 9s",
      },
      {
        name: "words on the error output",
        script: "echo broken >&2; exit 1",
        verdict: "failed",
        detail: "the command exited with 1: broken",
      },
      {
        name: "words when it passes",
        script: "echo fine",
        verdict: "passed",
        detail: "the command exited with 0: fine",
      },
      {
        name: "the endpoint as an argument",
        script: 'echo "$2"',
        verdict: "passed",
        detail: "the command exited with 0: 10.0.0.1:8080",
      },
      {
        name: "the endpoint in its environment",
        script: 'echo "$HOST $PORT"',
        verdict: "passed",
        detail: "the command exited with 0: 10.0.0.1 8080",
      },
      {
        name: "nothing else in its environment",
        script: "env | cut -d= -f1 | grep -v -e PWD -e SHLVL -e _ | sort | tr '\\n' ' '",
        verdict: "passed",
        detail: "the command exited with 0: HOST PATH PORT",
      },
      {
        name: "a signal",
        script: "kill -TERM $$",
        verdict: "failed",
        detail: "the command was ended by SIGTERM",
      },
      {
        name: "control characters",
        script: "printf 'a\\033[31mb\\n'; exit 1",
        verdict: "failed",
        detail: "the command exited with 1: a [31mb",
      },
      {
        name: "more output than is kept",
        script: `head -c ${OUTPUT_LIMIT_BYTES * 64} /dev/zero | tr '\\0' x`,
        verdict: "passed",
        detail: `the command exited with 0: ${"x".repeat(200)}…`,
      },
    ];
  for (const { name, script, verdict, detail } of cases) {
    test(name, async () => {
      await using scene = await shell(script);
      const result = await runProbe(scene.request, new AbortController().signal);
      assert.deepEqual([result.verdict, result.detail], [verdict, detail]);
    });
  }
  test("output beyond the bound is not kept", async () => {
    const late = `head -c ${OUTPUT_LIMIT_BYTES} /dev/zero | tr '\\0' '\\n'; echo late`;
    await using scene = await shell(late);
    const result = await runProbe(scene.request, new AbortController().signal);
    assert.equal(result.detail, "the command exited with 0");
  });
  test("a cancelled command is gone by the time the result is there", async () => {
    await using scene = await shell('printf "%s" "$$" > "$1.new"; mv "$1.new" "$1"; sleep 60');
    const controller = new AbortController();
    const running = runProbe(scene.request, controller.signal);
    await scene.reached();
    controller.abort();
    await running;
    assert.equal(await scene.held(), 0);
  });
  test("a command that is not there", async () => {
    await using scene = await shell("");
    const settings = { protocol: "command", command: ["/no/such/check"] } as const;
    const result = await runProbe({ ...scene.request, settings }, new AbortController().signal);
    assert.deepEqual(
      [result.verdict, result.detail],
      ["failed", "the command /no/such/check was not found"],
    );
  });
  test("what fled its process group does not hold the check up", async () => {
    // The fugitive keeps the output pipe open and ends by itself.
    await using scene = await shell(`
      setsid sh -c 'touch "$0.fled"; exec sleep 2' "$1" &
      until [ -e "$1.fled" ]; do sleep 0.01; done
      echo done`);
    const result = await runProbe(scene.request, new AbortController().signal);
    assert.deepEqual(
      [result.verdict, result.detail],
      ["passed", "the command exited with 0: done"],
    );
    assert.ok(result.tookMs >= 100 && result.tookMs < 1900, `${result.tookMs} ms`);
  });
});
