import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { test } from "node:test";
import type { Supervisor } from "../processes/contract.ts";
import { createFaultLevers } from "./fault-levers.ts";

const complaints: string[] = [];
const world = {
  post: () => {},
  desired: () => assert.fail("nobody asks"),
  log: { error: (_: object, text: string) => complaints.push(text) },
} as unknown as Parameters<typeof createFaultLevers>[0];
const levers = createFaultLevers(world, {} as Supervisor);

/** `T` of one that is frozen. */
const stateOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.charAt(0) ?? "";

async function until(holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (!holds()) {
    assert.ok(performance.now() < deadlineMs, "it never came");
    await pause(5);
  }
}

for (const [how, wake] of [
  ["at once", (pid: number) => levers.wake(pid)],
  ["by somebody else, later", (pid: number) => levers.wakeLater(pid, 50)],
] as const) {
  test(`a frozen process is woken ${how}, though no supervisor knows it`, async (t) => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    t.after(() => child.kill("SIGKILL"));
    await once(child, "spawn");
    const pid = child.pid!;
    child.kill("SIGSTOP");
    await until(() => stateOf(pid) === "T");
    wake(pid);
    await until(() => stateOf(pid) !== "T");
    assert.deepEqual(complaints, []);
  });
}

test("a process that is gone needs no waking", async () => {
  const child = spawn("true", { stdio: "ignore" });
  const pid = child.pid!;
  await once(child, "exit");
  levers.wake(pid);
  assert.deepEqual(complaints, []);
});
