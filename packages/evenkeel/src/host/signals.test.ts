import { test } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { attachSignals } from "./signals.ts";

test("each signal does its one thing, and nothing once detached", async () => {
  const done: string[] = [];
  const detach = attachSignals({
    shutDown: (code) => done.push(`shut down or ${code}`),
    reload: () => done.push("reload"),
    reopenLogs: () => done.push("reopen"),
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"] as const) {
    const seen = once(process, signal);
    process.kill(process.pid, signal);
    await seen;
  }
  assert.deepEqual(done, [
    "shut down or 143",
    "shut down or 130",
    "shut down or 131",
    "reload",
    "reopen",
  ]);
  detach();
  for (const signal of ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"] as const) {
    assert.equal(process.listenerCount(signal), 0);
  }
});
