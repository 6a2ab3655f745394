import assert from "node:assert/strict";
import { test } from "node:test";
import { createExposition } from "./exposition.ts";
import { healingMetrics } from "./healing-metrics.ts";
import { quietHealing } from "./testing/quiet-healing.ts";

test("each scrape reads the facts once, and anew", async () => {
  let reads = 0;
  const exposition = createExposition(
    healingMetrics(() => ({ ...quietHealing, incidentsOpen: ++reads })),
  );
  assert.match(await exposition.text(), /^evenkeel_incidents_open 1$/m);
  assert.match(await exposition.text(), /^evenkeel_incidents_open 2$/m);
  assert.equal(reads, 2);
});
