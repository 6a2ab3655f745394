import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCondition } from "../expression/parse.ts";
import { endpoint, upstream } from "../health/testing/settings.ts";
import { createFixture } from "../health/testing/table-fixture.ts";
import type { MetricHealthSettings } from "../snapshot/signal-settings.ts";
import { createMetricHealth } from "./metric-health.ts";
import { createFakeReader } from "./testing/fake-reader.ts";

const names = ["a", "b", "c"];

function rule(
  text: string,
  then: MetricHealthSettings["then"] = { kind: "weight", percent: 25, stepPercent: 5 },
  minRequests = 50,
): MetricHealthSettings {
  const parsed = parseCondition(text);
  assert.ok(parsed.ok);
  // oxlint-disable-next-line no-thenable -- a word, not a function
  return { upstream: "api", condition: parsed.condition, minRequests, then };
}

/** Three endpoints that get enough requests and are quick. */
function scene(...rules: MetricHealthSettings[]) {
  const fixture = createFixture();
  const { table, clock } = fixture;
  const signals = createFakeReader(() => clock.nowMs());
  const metricHealth = createMetricHealth({ signals, health: table });
  table.apply([
    upstream(
      "api",
      names.map((name, at) => endpoint(name, at + 1)),
    ),
  ]);
  metricHealth.apply(rules);
  for (const name of names) {
    signals.set("request_rate", { upstream: "api", endpoint: name }, 34);
    signals.set("p99", { upstream: "api", endpoint: name }, 0.1);
  }
  return {
    ...fixture,
    metricHealth,
    set: (signal: string, name: string, value: number | undefined) =>
      signals.set(signal, { upstream: "api", endpoint: name }, value),
    signals,
    pass: async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1000);
        metricHealth.look(clock.nowMs());
      }
    },
    row: (name: string) => fixture.row(name),
    state: (name: string) => fixture.state(name),
    weights: () => table.list().map(({ weight }) => Math.round(weight * 100)),
  };
}

const eject: MetricHealthSettings["then"] = { kind: "eject", forMs: 30_000 };

describe("weight", () => {
  test("a slow endpoint gets less, says why, and gets it back step by step", async () => {
    const { set, pass, weights, row, table } = scene(rule("p99 > 800ms for 5s"));
    set("p99", "b", 0.9);
    await pass(5);
    assert.deepEqual(weights(), [100, 100, 100]);
    await pass(1);
    assert.deepEqual(weights(), [100, 25, 100]);
    assert.match(row("b").reason, /weight at 25%: p99 = 900ms \(> 800ms\), 340 requests, for 5s$/);
    await pass(10);
    assert.deepEqual(weights(), [100, 25, 100]);
    set("p99", "b", 0.1);
    await pass(3);
    assert.deepEqual(weights(), [100, 40, 100]);
    await pass(12);
    assert.deepEqual(weights(), [100, 100, 100]);
    assert.equal(row("b").signal, undefined);
    await table.close();
  });

  test("no data changes nothing", async () => {
    const { set, pass, weights, table, signals } = scene(rule("p99 > 800ms", undefined, 0));
    set("p99", "b", 0.9);
    await pass(1);
    set("p99", "b", undefined);
    set("p99", "a", undefined);
    await pass(30);
    assert.deepEqual(weights(), [100, 25, 100]);
    signals.remove("p99");
    await pass(30);
    assert.deepEqual(weights(), [100, 25, 100]);
    await table.close();
  });

  test("few requests lower nothing", async () => {
    const { set, pass, weights, table } = scene(rule("p99 > 800ms", undefined, 341));
    set("p99", "b", 0.9);
    await pass(30);
    assert.deepEqual(weights(), [100, 100, 100]);
    await table.close();
  });

  test("an endpoint that gets no requests any more comes back", async () => {
    const { set, pass, weights, table } = scene(rule("p99 > 800ms"));
    set("p99", "b", 0.9);
    await pass(1);
    set("p99", "b", undefined);
    set("request_rate", "b", undefined);
    await pass(15);
    assert.deepEqual(weights(), [100, 100, 100]);
    await table.close();
  });

  test("a rule that is gone holds nothing down; one that stays goes on", async () => {
    const kept = rule("p99 > 1s for 10s");
    const { set, pass, weights, table, metricHealth } = scene(rule("p99 > 800ms"), kept);
    set("p99", "b", 2);
    await pass(8);
    assert.deepEqual(weights(), [100, 25, 100]);
    metricHealth.apply([]);
    await pass(1);
    assert.deepEqual(weights(), [100, 100, 100]);
    await table.close();
  });

  test("a condition that stays keeps its time over a change of the file", async () => {
    const { set, pass, weights, table, metricHealth } = scene(rule("p99 > 1s for 10s"));
    set("p99", "b", 2);
    await pass(8);
    metricHealth.apply([rule("p99 > 1s for 10s"), rule("p99 > 9s")]);
    await pass(3);
    assert.deepEqual(weights(), [100, 25, 100]);
    await table.close();
  });

  test("a hot process lowers the endpoint that stands for it", async () => {
    const { signals, pass, weights, table } = scene(rule("cpu_usage > 80%"));
    const subject = { upstream: "api", endpoint: "c", process: "p", instance: "p.3" };
    signals.set("cpu_usage", subject, 0.93);
    await pass(1);
    assert.deepEqual(weights(), [100, 100, 25]);
    await table.close();
  });

  test("after a lost control thread it comes back from where it was", async () => {
    const first = scene(rule("p99 > 800ms"));
    first.set("p99", "b", 0.9);
    await first.pass(1);
    const { board, clock } = first;
    const saved = first.table.checkpoint();
    await first.table.close();
    const second = createFixture({ saved, board, clock });
    second.table.apply([
      upstream(
        "api",
        names.map((name, at) => endpoint(name, at + 1)),
      ),
    ]);
    const next = createMetricHealth({ signals: first.signals, health: second.table });
    next.apply([rule("p99 > 800ms")]);
    first.set("p99", "b", 0.1);
    next.look(clock.nowMs());
    await clock.advance(1000);
    next.look(clock.nowMs());
    assert.equal(second.row("b").weight, 0.3);
    await second.table.close();
  });
});

describe("ejection", () => {
  test("out for its time, then judged anew", async () => {
    const { set, pass, state, table, row } = scene(rule("p99 > 800ms", eject));
    set("p99", "b", 2);
    await pass(1);
    assert.deepEqual([state("b"), row("b").untilMs! - row("b").sinceMs], ["ejected", 30_000]);
    await pass(30);
    assert.equal(state("b"), "healthy", "it is back");
    await pass(9);
    assert.equal(state("b"), "healthy", "what was before is not held against it");
    await pass(1);
    assert.equal(state("b"), "ejected");
    await table.close();
  });

  test("never below the floor", async () => {
    const { set, pass, state, table } = scene(rule("p99 > 800ms", eject));
    for (const name of names) set("p99", name, 2);
    for (let second = 0; second < 120; second++) {
      await pass(1);
      const out = names.filter((name) => state(name) === "ejected").length;
      assert.ok(out <= 1, `${out} of three are out`);
    }
    await table.close();
  });

  test("unknown ejects nobody", async () => {
    const { set, pass, state, table } = scene(rule("p99 > 800ms", eject, 0));
    set("p99", "b", undefined);
    await pass(60);
    assert.equal(state("b"), "healthy");
    await table.close();
  });

  test("what speaks of the whole upstream holds for each endpoint, within the floor", async () => {
    const { signals, pass, table } = scene(rule("error_ratio(api) > 20%", eject, 0));
    signals.set("error_ratio", { upstream: "api" }, 0.5);
    await pass(1);
    const out = table.list().filter((row) => row.state === "ejected");
    assert.equal(out.length, 1);
    await table.close();
  });
});
