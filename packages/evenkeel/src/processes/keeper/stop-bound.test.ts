import { test } from "node:test";
import assert from "node:assert/strict";
import { stopBoundMs } from "./stop-bound.ts";

const stop = (drainMs: number, timeoutMs: number) => ({
  stop: { drainMs, timeoutMs, signal: "SIGTERM" as const, group: true },
});

test("nothing to stop takes no time", () => assert.equal(stopBoundMs([]), 0));

test("each process may take its drain and its time-out", () => {
  assert.equal(stopBoundMs([stop(1000, 500), stop(0, 300)]), 1000 + 500 + 300 + 2 * 2000);
});
