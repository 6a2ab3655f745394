/** What clients wait when one of three instances freezes, hangs, slows down or breaks off. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { startEvenkeel, type Evenkeel } from "../support/evenkeel.ts";
import { startOpenLoop, type OpenLoop, type OpenLoopResult } from "../support/open-loop.ts";
import type { AnswerOptions } from "../support/origin.ts";
import { startOriginProcess } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import { endpointOf, inState, scene, sentMore, startOrigins, summary } from "./testing/scene.ts";

const deadline = { timeout: 60_000 };
/** More than any of these should ever have to wait for. */
const patient = { first_byte: "20s" };
const checked = { path: "/", interval: "300ms", fast_interval: "100ms", timeout: "250ms" };

/** Far more connections than wait at once, so that none waits for another in the client. */
function load(evenkeel: Evenkeel, ratePerSecond = 500): OpenLoop {
  const url = evenkeel.url("web");
  return startOpenLoop({ url, ratePerSecond, connections: 2_000, timeoutMs: 25_000 });
}

function noneFailed(t: TestContext, run: OpenLoopResult): void {
  t.diagnostic(`${summary(run)}, p99.9 ${run.quantileMs(0.999).toFixed(1)} ms`);
  assert.deepEqual(run.failures.slice(0, 5), []);
  assert.deepEqual(run.byStatus, { 200: run.sent });
}

for (const policy of ["round_robin", "least_conn"]) {
  test(`${policy}: requests leave one that freezes with its check`, deadline, async (t) => {
    await using stack = new AsyncDisposableStack();
    const origins = await Promise.all(["a", "b", "c"].map((name) => startOriginProcess({ name })));
    for (const origin of origins) stack.use(origin);
    await using evenkeel = await startEvenkeel({
      config: scene({
        endpoints: origins.map(({ address }) => address),
        upstream: { balance: policy, health_check: checked },
        route: { timeouts: patient },
      }),
      t,
    });
    const running = load(evenkeel);
    await sentMore(running, 500);
    origins[1]!.freeze();
    await inState(evenkeel, origins[1]!.address, "unhealthy");
    await sentMore(running, 500);
    origins[1]!.thaw();
    const run = await running.stop();
    noneFailed(t, run);
    // Two checks that time out, far below the 20 s that an answer may take.
    assert.ok(run.quantileMs(1) < 3_000, summary(run));
  });
}

/** One of three misbehaves in its answers only, so no check would notice. */
async function withOneOf(
  t: TestContext,
  route: object,
  fault: AnswerOptions,
): Promise<OpenLoopResult> {
  await using stack = new AsyncDisposableStack();
  const origins = await startOrigins(stack, "abc");
  for (const origin of origins) origin.set({ delayMs: 2, body: "x".repeat(500) });
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: origins.map(({ address }) => address),
      route: { timeouts: patient, ...route },
    }),
    t,
  });
  const running = load(evenkeel);
  await sentMore(running, 500);
  const [, bad] = origins;
  bad!.set(fault);
  await waitFor("it to be out", async () => {
    return (await endpointOf(evenkeel, bad!.address)).state === "ejected";
  });
  await sentMore(running, 500);
  const run = await running.stop();
  noneFailed(t, run);
  return run;
}

for (const after of ["20ms", "p95"]) {
  for (const [name, fault] of [
    ["hangs", { hang: "before-answer" }],
    ["is 200 times slower", { delayMs: 400 }],
  ] as const) {
    test(`hedged after ${after}: one that ${name} is noticed and avoided`, deadline, async (t) => {
      const run = await withOneOf(t, { hedge: { after } }, fault);
      // Alone on a machine all are below 100 ms; this one may be doing something else. Without hedges
      // a third of the requests would take 400 ms, or 20 s.
      assert.ok(run.quantileMs(1) < 2_000, summary(run));
      assert.ok(run.quantileMs(0.95) < 380, summary(run));
    });
  }
}

test("one that breaks off inside its answers costs no GET", deadline, async (t) => {
  await withOneOf(t, {}, { body: "x".repeat(500), resetAfterBytes: 400 });
});
