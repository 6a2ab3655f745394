import { test } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { attachSignals } from "./signals.ts";

test("each signal does its one thing, and nothing once detached", async () => {
  const done: string[] = [];
  const signals = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"] as const;
  const counts = (): number[] =>
    [...signals, "SIGUSR2"].map((signal) => process.listenerCount(signal));
  const before = counts();
  const host = {
    shutDown: (code: number) => done.push(`shut down or ${code}`),
    reload: () => done.push("reload"),
    reopenLogs: () => done.push("reopen"),
  };
  const log = { warn: (text: string) => done.push(text.slice(0, 18)) };
  const detach = attachSignals(host, log);
  for (const signal of signals) {
    const seen = once(process, signal);
    process.kill(process.pid, signal);
    await seen;
  }
  // Not sent: the test runner has Node write a report of the process at this signal.
  process.listeners("SIGUSR2").at(-1)?.("SIGUSR2");
  assert.deepEqual(done, [
    "shut down or 143",
    "shut down or 130",
    "shut down or 131",
    "reload",
    "reopen",
    "SIGUSR2 is ignored",
  ]);
  detach();
  assert.deepEqual(counts(), before);
});
