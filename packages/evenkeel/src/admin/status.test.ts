import { test } from "node:test";
import assert from "node:assert/strict";
import {
  createBoard,
  endpointCounter,
  endpointRow,
  latencyRow,
  upstreamCounter,
  upstreamRow,
} from "../board/board.ts";
import { bucketOf } from "../board/histogram.ts";
import type { ProxyFacts } from "../snapshot/messages.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { quietHealing } from "../telemetry/testing/quiet-healing.ts";
import { createWindow } from "../telemetry/window.ts";
import { activityRows, endpointKey, healingStatus, readiness, upstreamKey } from "./status.ts";

const proxy = (change: Partial<ProxyFacts>): ProxyFacts => ({
  worker: 0,
  state: "running",
  startedAtMs: 0,
  restarts: 0,
  version: 1,
  listening: [],
  failed: [],
  ...change,
});
const failure = { listener: "web", host: "0.0.0.0", port: 80, code: "EADDRINUSE" };

for (const [name, proxies, draining, reason] of [
  ["nothing started yet", [], false, "starting"],
  ["all are starting", [proxy({ state: "starting" })], false, "no proxy thread is running"],
  ["one of two runs", [proxy({ state: "dead" }), proxy({})], false, "ready"],
  ["a listener failed everywhere", [proxy({ failed: [failure] })], false, "can't listen: web"],
  ["a listener failed in one", [proxy({ failed: [failure] }), proxy({})], false, "ready"],
  ["shutting down", [proxy({})], true, "shutting down"],
] as const) {
  test(`${name}: ${reason}`, () => {
    assert.deepEqual(readiness(proxies, draining), { ready: reason === "ready", reason });
  });
}

test("activity is read from all proxies' counters", () => {
  const board = createBoard(2);
  const upstream = { name: "api", slot: 0, endpoints: [{ name: "a:1", slot: 9 }] };
  const snapshot = { upstreams: [upstream] } as unknown as Snapshot;
  const rows = activityRows(board, snapshot);
  const window = createWindow(1000, 10, 0);
  window.sample(0, rows);
  for (const counters of board.counters) {
    counters.endpoint[endpointRow(9) + endpointCounter.requests] = 10;
    counters.endpoint[endpointRow(9) + endpointCounter.failures] = 1;
    counters.endpointLatency[latencyRow(9) + bucketOf(2000)] = 10;
  }
  window.sample(1000, rows);
  const activity = window.read(endpointKey("api", "a:1"), 5000, 1000);
  assert.equal(activity.requests, 20);
  assert.equal(activity.errorRatio, 0.1);
  assert.ok(Math.abs(activity.p50Us! - 2000) < 300);
});

test("the time of a slow answer shows, whenever its request was counted", () => {
  const board = createBoard(1);
  const upstream = { name: "api", slot: 3, endpoints: [{ name: "a:1", slot: 9 }] };
  const rows = activityRows(board, { upstreams: [upstream] } as unknown as Snapshot);
  const window = createWindow(1000, 10, 0);
  const counters = board.counters[0]!;
  counters.upstream[upstreamRow(3) + upstreamCounter.requests] = 1;
  counters.endpoint[endpointRow(9) + endpointCounter.requests] = 1;
  window.sample(0, rows);
  counters.upstreamLatency[latencyRow(3) + bucketOf(2_500_000)] = 1;
  counters.upstream[upstreamRow(3) + upstreamCounter.latencySumUs] = 2_500_000;
  counters.endpointLatency[latencyRow(9) + bucketOf(2_500_000)] = 1;
  counters.endpoint[endpointRow(9) + endpointCounter.latencySumUs] = 2_500_000;
  window.sample(1000, rows);
  for (const key of [upstreamKey("api"), endpointKey("api", "a:1")]) {
    assert.ok(window.read(key, 5000, 1000).p99Us! > 2_000_000, key);
  }
});

test("an upstream's errors are the requests that failed in the end, not the attempts", () => {
  const board = createBoard(1);
  const upstream = { name: "api", slot: 3, endpoints: [] };
  const rows = activityRows(board, { upstreams: [upstream] } as unknown as Snapshot);
  const window = createWindow(1000, 10, 0);
  window.sample(0, rows);
  const counters = board.counters[0]!.upstream;
  counters[upstreamRow(3) + upstreamCounter.requests] = 20;
  counters[upstreamRow(3) + upstreamCounter.failedAttempts] = 10;
  counters[upstreamRow(3) + upstreamCounter.failedRequests] = 1;
  window.sample(1000, rows);
  assert.equal(window.read(upstreamKey("api"), 5000, 1000).errorRatio, 0.05);
});

test("keys of different endpoints differ, however their names are cut", () => {
  assert.notEqual(endpointKey("a", "b:c"), endpointKey("a:b", "c"));
});

test("instances are down that neither somebody stopped nor their work is done", () => {
  const states: readonly (readonly [state: string, done: boolean])[] = [
    ["READY", false],
    ["RUNNING", false],
    ["STOPPED", false],
    ["EXITED", true],
    ["EXITED", false],
    ["BACKOFF", false],
    ["FATAL", false],
  ];
  const instances = states.map(([state, done], index) => ({
    name: `api.${index}`,
    process: "api",
    state,
    done,
    restarts: 0,
    cpu: undefined,
    memoryBytes: undefined,
  }));
  const status = healingStatus({ ...quietHealing, instances });
  assert.deepEqual([status.instances, status.instances_down], [7, 3]);
});
