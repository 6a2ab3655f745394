import { quietHealing } from "./testing/quiet-healing.ts";
import { test } from "node:test";
import assert from "node:assert/strict";
import {
  createBoard,
  endpointCounter,
  endpointRow,
  latencyRow,
  routeCounter,
  routeRow,
  upstreamCounter,
  upstreamRow,
  workerGauge,
  type Board,
} from "../board/board.ts";
import { bucketEnd, bucketCount, bucketOf } from "../board/histogram.ts";
import { reason } from "../errors/catalogue.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { cumulate, leSeconds } from "./le-buckets.ts";
import { createMetrics } from "./metrics.ts";
import type { HealthFacts } from "./sources.ts";

/** Only what metrics read of a snapshot. */
const snapshot = {
  version: 3,
  listeners: [{ name: "web", slot: 0 }],
  routes: [
    { name: "used", slot: 2 },
    { name: 'odd "name"\\', slot: 4 },
    { name: "unused", slot: 3 },
  ],
  upstreams: [{ name: "api", slot: 1, endpoints: [{ name: "10.0.0.1:80", slot: 5 }] }],
} as unknown as Snapshot;

const health: HealthFacts[] = [
  {
    upstream: "api",
    endpoint: "10.0.0.1:80",
    state: "draining",
    sinceMs: 1_700_000_000_000,
    available: false,
    weight: 2,
    ejections: 4,
  },
];

async function scrape(board: Board): Promise<string> {
  const metrics = createMetrics({
    board,
    snapshot: () => snapshot,
    health: () => health,
    panicking: () => ["api"],
    healing: () => quietHealing,
    facts: () => ({
      version: "0.1.0",
      startedAtMs: 0,
      configVersion: 3,
      reloadsAccepted: 2,
      reloadsRefused: 1,
      lastReloadOk: false,
      lastReloadAtMs: 5000,
      proxyRestarts: 7,
      controlRestarts: 1,
    }),
  });
  return metrics.text();
}

function line(text: string, start: string): string | undefined {
  return text.split("\n").find((one) => one.startsWith(`${start} `));
}

test("counters are summed over all proxies", async () => {
  const board = createBoard(2);
  board.counters[0]!.route[routeRow(2) + routeCounter.requests] = 5;
  board.counters[0]!.route[routeRow(2) + routeCounter.status2xx] = 3;
  board.counters[1]!.route[routeRow(2) + routeCounter.status2xx] = 4;
  board.counters[1]!.reasons[reason.no_endpoint.number] = 9;
  const text = await scrape(board);
  assert.equal(
    line(text, 'evenkeel_route_requests_total{route="used",code="2xx"}'),
    'evenkeel_route_requests_total{route="used",code="2xx"} 7',
  );
  assert.ok(
    text.includes('evenkeel_refused_requests_total{reason="no_endpoint",side="internal"} 9'),
  );
});

test("rows without a request are left out", async () => {
  const text = await scrape(createBoard(1));
  assert.ok(!text.includes('route="unused"'));
});

test("label values are escaped", async () => {
  const board = createBoard(1);
  board.counters[0]!.route[routeRow(4) + routeCounter.requests] = 1;
  const text = await scrape(board);
  assert.ok(text.includes('route="odd \\"name\\"\\\\"'));
});

test("a histogram is cumulative and ends with everything", async () => {
  const board = createBoard(1);
  const counters = board.counters[0]!;
  counters.endpoint[endpointRow(5) + endpointCounter.requests] = 3;
  counters.endpoint[endpointRow(5) + endpointCounter.latencySumUs] = 2_000_000;
  for (const us of [100, 1500, 1_900_000]) {
    const at = latencyRow(5) + bucketOf(us);
    counters.endpointLatency[at] = counters.endpointLatency[at]! + 1;
  }
  const text = await scrape(board);
  const labels = 'upstream="api",endpoint="10.0.0.1:80"';
  const name = "evenkeel_endpoint_duration_seconds";
  for (const [le, count] of [
    ["0.000256", 1],
    ["0.001024", 1],
    ["0.002048", 2],
    ["1.048576", 2],
    ["2.097152", 3],
    ["+Inf", 3],
  ] as const) {
    const start = `${name}_bucket{${labels},le="${le}"}`;
    assert.equal(line(text, start), `${start} ${count}`);
  }
  assert.ok(text.includes(`${name}_sum{${labels}} 2\n`));
  assert.ok(text.includes(`${name}_count{${labels}} 3`));
});

test("state, weight and Evenkeel's own condition", async () => {
  const board = createBoard(2);
  board.counters[1]!.worker[workerGauge.loopLagP99Us] = 1500;
  const text = await scrape(board);
  const labels = 'upstream="api",endpoint="10.0.0.1:80"';
  for (const wanted of [
    `evenkeel_endpoint_state{${labels},state="draining"} 1`,
    `evenkeel_endpoint_state{${labels},state="healthy"} 0`,
    `evenkeel_endpoint_state_since_timestamp_seconds{${labels}} 1700000000`,
    `evenkeel_endpoint_weight{${labels}} 2`,
    `evenkeel_endpoint_ejections_total{${labels}} 4`,
    'evenkeel_upstream_panic{upstream="api"} 1',
    'evenkeel_proxy_event_loop_lag_p99_seconds{proxy="1"} 0.0015',
    'evenkeel_config_reloads_total{outcome="refused"} 1',
    "evenkeel_config_last_reload_successful 0",
    "evenkeel_proxy_restarts_total 7",
  ]) {
    assert.ok(text.includes(`${wanted}\n`), wanted);
  }
  assert.match(text, /process_resident_memory_bytes \d+/);
});

test("attempts and requests that failed are told apart", async () => {
  const board = createBoard(1);
  const counters = board.counters[0]!.upstream;
  counters[upstreamRow(1) + upstreamCounter.requests] = 9;
  counters[upstreamRow(1) + upstreamCounter.failedAttempts] = 5;
  counters[upstreamRow(1) + upstreamCounter.failedRequests] = 2;
  const text = await scrape(board);
  assert.ok(text.includes('evenkeel_upstream_failed_attempts_total{upstream="api"} 5\n'));
  assert.ok(text.includes('evenkeel_upstream_failed_requests_total{upstream="api"} 2\n'));
});

test("every family has help and type, every line parses, no series twice", async () => {
  const board = createBoard(1);
  board.counters[0]!.route[routeRow(2) + routeCounter.requests] = 1;
  board.counters[0]!.endpoint[endpointRow(5) + endpointCounter.requests] = 1;
  const text = await scrape(board);
  const seen = new Set<string>();
  for (const one of text.split("\n")) {
    if (one === "" || one.startsWith("#")) continue;
    const match = /^([a-z0-9_]+(?:\{[^}]*\})?) (\S+)$/.exec(one);
    assert.ok(match, one);
    assert.ok(Number.isFinite(Number(match[2])), one);
    assert.ok(!seen.has(match[1]!), `twice: ${one}`);
    seen.add(match[1]!);
  }
  const types = text.split("\n").filter((one) => one.startsWith("# TYPE"));
  assert.equal(new Set(types).size, types.length);
  for (const one of types.filter((type) => type.endsWith(" counter"))) {
    assert.match(one, /_total counter$/);
  }
});

test("every le bound is an edge of the histogram", () => {
  const row = new Float64Array(bucketCount).fill(1);
  const counts = cumulate(row);
  assert.equal(counts.length, leSeconds.length + 1);
  assert.equal(counts.at(-1), bucketCount);
  for (const [index, le] of leSeconds.entries()) {
    assert.equal(bucketEnd(counts[index]! - 1), Math.round(le * 1_000_000));
  }
});
