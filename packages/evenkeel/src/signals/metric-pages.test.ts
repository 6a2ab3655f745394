import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../health/testing/fake-clock.ts";
import type { SignalInstance } from "./catalog.ts";
import { createMetricPages } from "./metric-pages.ts";

const instance: SignalInstance = {
  name: "pay.1",
  process: "pay",
  state: "READY",
  startedAtMs: 0,
  address: { host: "127.0.0.1", port: 9101 },
  upstream: undefined,
  restarts: 0,
  cpu: undefined,
  memoryBytes: undefined,
};

// Names of conditions that are no more kept their places for ever.
test("so many metrics are read at once, and room comes back when they are no longer asked for", async () => {
  const clock = createFakeClock();
  const pages = createMetricPages({
    timers: clock,
    nowMs: () => clock.nowMs(),
    fetchText: () => Promise.resolve({ ok: true, status: 200, body: "late_total 7\n" }),
  });
  const page = { instance, path: "/metrics" };
  const ask = (name: string) => pages.metric(name, {}, page);
  for (let index = 0; index < 1000; index++) ask(`old_${index}`);
  const refused = ask("late_total");
  assert.equal("note" in refused && refused.note, "too many metrics are read");
  await clock.advance(121_000);
  ask("old_0");
  ask("late_total");
  await clock.advance(10_000);
  assert.equal(ask("late_total").value, 7);
  await pages.close();
});
