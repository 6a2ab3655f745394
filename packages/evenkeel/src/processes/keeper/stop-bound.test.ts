import assert from "node:assert/strict";
import { test } from "node:test";
import { processSettings } from "../testing/settings.ts";
import { stopBoundMs } from "./stop-bound.ts";

const stopping = (name: string, drainMs: number, timeoutMs: number, dependsOn: string[] = []) =>
  processSettings({
    name,
    dependsOn,
    stop: { drainMs, timeoutMs, signal: "SIGTERM", group: true },
  });

test("nothing to stop takes no time", () => assert.equal(stopBoundMs([]), 0));

test("what stops together takes as long as the slowest", () => {
  const two = [stopping("a", 1000, 500), stopping("b", 0, 300)];
  assert.equal(stopBoundMs(two), 1000 + 500 + 2000);
});

test("what others need stops after them", () => {
  const two = [stopping("a", 1000, 500), stopping("b", 0, 300, ["a"])];
  assert.equal(stopBoundMs(two), 1000 + 500 + 300 + 2 * 2000);
});
