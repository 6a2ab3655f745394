import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { collectDefaultMetrics, Registry } from "prom-client";
import { readExposition, type Series } from "./exposition.ts";
import { knownGauge, knownNames, longestPause } from "./known-metrics.ts";

const page = (text: string): readonly Series[] =>
  readExposition(text, (name) => knownNames.has(name), 1000);

test("what prom-client really writes is understood", async () => {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const found = page(await register.metrics());
  const heap = knownGauge("heap_used", found);
  assert.ok(heap !== undefined && heap > 1_000_000, `heap ${heap}`);
  assert.notEqual(knownGauge("event_loop_lag", found), undefined);
  register.clear();
});

test("Go's names", () => {
  const found = page("go_memstats_heap_inuse_bytes 4.5e+06\n");
  assert.equal(knownGauge("heap_used", found), 4_500_000);
  assert.equal(knownGauge("event_loop_lag", found), undefined);
});

describe("the longest pause", () => {
  const go = (longest: string): string =>
    `go_gc_duration_seconds{quantile="0.5"} 0.001\ngo_gc_duration_seconds{quantile="1"} ${longest}`;
  /** Pauses up to 10 ms, 1 s, 2 s and of any length, counted as prom-client does. */
  const node = (kind: string, ...counts: number[]): string =>
    ["0.01", "1", "2", "+Inf"]
      .map((le, at) => `nodejs_gc_duration_seconds_bucket{le="${le}",kind="${kind}"} ${counts[at]}`)
      .join("\n");

  const cases: [
    name: string,
    before: string | undefined,
    now: string,
    pause: number | undefined,
  ][] = [
    ["Go says it", undefined, go("2.5"), 2.5],
    ["Go before its first collection", undefined, go("NaN"), undefined],
    ["the first page is the past", undefined, node("minor", 5, 5, 5, 5), undefined],
    ["none since", node("minor", 5, 5, 5, 5), node("minor", 5, 5, 5, 5), 0],
    ["a short one", node("minor", 5, 5, 5, 5), node("minor", 6, 6, 6, 6), 0.01],
    ["a long one among short ones", node("major", 5, 5, 5, 5), node("major", 8, 8, 9, 9), 2],
    ["longer than all edges", node("major", 5, 5, 5, 5), node("major", 5, 5, 5, 6), 4],
    [
      "over all kinds",
      `${node("minor", 5, 5, 5, 5)}\n${node("major", 1, 1, 1, 1)}`,
      `${node("minor", 9, 9, 9, 9)}\n${node("major", 1, 2, 2, 2)}`,
      1,
    ],
    ["another process", node("minor", 5, 5, 5, 5), node("minor", 1, 1, 1, 1), undefined],
    ["a page without", "up 1", "up 1", undefined],
  ];
  for (const [name, before, now, pause] of cases) {
    test(name, () => {
      assert.equal(longestPause(page(now), before === undefined ? undefined : page(before)), pause);
    });
  }
});
