import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointCounter, endpointRow, latencyRow } from "../board/board.ts";
import { bucketOf } from "../board/histogram.ts";
import { SlotAllocator } from "../config/slots.ts";
import { desire } from "../config/testing/configure.ts";
import { createFixture } from "../health/testing/table-fixture.ts";
import { createSignals } from "./create-signals.ts";
import { createMetricHealth } from "./metric-health.ts";

const file = `
upstreams:
  api:
    endpoints: ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]
    metric_health:
      - { when: p99 > 800ms for 5s, min_requests: 50, then: { weight: 25%, step: 5% } }
      - { when: error_ratio > 20% for 5s, then: { eject: 30s } }
`;

test("from the file over the board's counters to weights and ejections", async () => {
  const { snapshot, health, signals: settings } = desire(file, new SlotAllocator());
  const { board, clock, table, state, row } = bound(createFixture());
  table.apply(health);
  const signals = createSignals({
    board,
    timers: clock,
    clock,
    snapshot: () => snapshot,
    health: () => table.list(),
    instances: () => [],
  });
  signals.apply(settings, []);
  const metricHealth = createMetricHealth({ signals, health: table });
  metricHealth.apply(settings.metricHealth);
  const slots = health[0]!.endpoints.map(({ slot }) => slot);

  /** Each second each endpoint answers as many as told, in that time and with that many failures. */
  const serve = async (seconds: number, us: number[], failed = [0, 0, 0]): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      slots.forEach((slot, at) => {
        const { endpoint, endpointLatency } = board.counters[0]!;
        endpoint[endpointRow(slot) + endpointCounter.requests]! += 20;
        endpoint[endpointRow(slot) + endpointCounter.failures]! += failed[at]!;
        endpointLatency[latencyRow(slot) + bucketOf(us[at]!)]! += 20;
      });
      await clock.advance(1000);
      signals.sample();
      metricHealth.look(clock.nowMs());
    }
  };
  const weights = (): number[] => table.list().map(({ weight }) => weight);

  await serve(20, [5000, 5000, 5000]);
  assert.deepEqual(weights(), [1, 1, 1]);
  await serve(8, [5000, 2_000_000, 5000]);
  assert.deepEqual(weights(), [1, 0.25, 1]);
  assert.match(row("10.0.0.2:80").reason, /p99 = .*s \(> 800ms\), \d+ requests, for 5s/);
  // What was slow leaves the window, then the weight comes back.
  await serve(30, [5000, 5000, 5000]);
  assert.deepEqual(weights(), [1, 1, 1]);
  // Two of five attempts fail: below what passive ejection takes for a failure.
  await serve(12, [5000, 5000, 5000], [0, 0, 8]);
  assert.equal(state("10.0.0.3:80"), "ejected");
  assert.match(row("10.0.0.3:80").reason, /^error_ratio = 40% \(> 20%\)/);
  await serve(30, [5000, 5000, 5000]);
  assert.equal(state("10.0.0.3:80"), "healthy");
  await signals.close();
  await table.close();
});

/** The fixture with what it reads as plain functions. */
function bound(fixture: ReturnType<typeof createFixture>) {
  const { board, clock, table } = fixture;
  return {
    board,
    clock,
    table,
    state: (name: string) => fixture.state(name),
    row: (name: string) => fixture.row(name),
  };
}
