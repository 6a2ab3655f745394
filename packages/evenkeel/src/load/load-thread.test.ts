import assert from "node:assert/strict";
import { test } from "node:test";
import { createMonotonicClock } from "./clock.ts";
import { createLoadThread } from "./load-thread.ts";
import type { FromThread, StepOrder } from "./thread-messages.ts";

const clock = createMonotonicClock();

/** A step whose time was over before the thread heard of it. */
function lateOrder(mode: "open" | "closed"): StepOrder {
  const nowMs = clock();
  const times = { startMs: nowMs - 3000, windowStartMs: nowMs - 2000, windowEndMs: nowMs - 1000 };
  return mode === "closed"
    ? { mode, ...times, connections: 0 }
    : { mode, ...times, ratePerSecond: 10, maxConnections: 0, maxQueue: 0 };
}

for (const mode of ["open", "closed"] as const) {
  test(`${mode}: a thread that was kept from its start until the end of a step reports it once`, (t) => {
    t.mock.timers.enable({ apis: ["setInterval", "setTimeout", "setImmediate"] });
    const posted: FromThread[] = [];
    const thread = createLoadThread(
      {
        request: {
          url: "http://127.0.0.1:1/",
          method: "GET",
          address: "127.0.0.1",
          port: 1,
          tls: undefined,
          bytes: new Uint8Array(0),
          keepAlive: true,
          timeoutMs: 1000,
          expected: [[200, 299]],
        },
        thread: 0,
        threads: 1,
        polling: false,
      },
      clock,
      (message) => void posted.push(message),
    );
    thread.handle({ kind: "run", order: lateOrder(mode) });
    const said = posted.map(({ kind }) => kind);
    assert.deepEqual(said, ["ready", "interval", "done"]);
    t.mock.timers.tick(10_000);
    assert.equal(posted.length, said.length);
    const done = posted.at(-1);
    assert.ok(done?.kind === "done");
    // All that was due within the window is accounted for: there was no room for any to wait.
    assert.equal(done.report.failures.dropped, mode === "open" ? 10 : 0);
    assert.equal(done.report.requests, done.report.failures.dropped);
    thread.handle({ kind: "close" });
  });
}
