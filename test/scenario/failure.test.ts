/** Instances that die, freeze, answer nonsense and come back, while clients go on asking. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";

import { startEvenkeel } from "../support/evenkeel.ts";
import { runOpenLoop, startOpenLoop, type OpenLoopResult } from "../support/open-loop.ts";
import { startOrigin } from "../support/origin.ts";
import { startOriginProcess, type OriginProcess } from "../support/processes.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  ask,
  askedOrigins,
  endpointOf,
  inState,
  operate,
  reloadAndWait,
  scene,
  sentMore,
  startOrigins,
  summary,
  tally,
} from "./testing/scene.ts";

const deadline = { timeout: 60_000 };

async function threeProcesses(stack: AsyncDisposableStack): Promise<OriginProcess[]> {
  const origins = await Promise.all(["a", "b", "c"].map((name) => startOriginProcess({ name })));
  for (const origin of origins) stack.use(origin);
  return origins;
}

function noneFailed(t: TestContext, run: OpenLoopResult): void {
  t.diagnostic(summary(run));
  assert.deepEqual(run.failures.slice(0, 5), []);
  assert.deepEqual(run.byStatus, { 200: run.sent });
}

test("kill -9 of one of three at 1,000 requests/s: no GET fails", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origins = await threeProcesses(stack);
  const endpoints = origins.map(({ address }) => address);
  await using evenkeel = await startEvenkeel({ config: scene({ endpoints }), t });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 1_000 });
  await sentMore(load, 800);
  await origins[1]!.kill();
  await sentMore(load, 1_500);
  const run = await load.stop();
  noneFailed(t, run);
  // It was in use before it died, and out of use soon after.
  assert.ok(run.byOrigin["b"]! > 200, summary(run));
  assert.equal((await inState(evenkeel, origins[1]!.address, "ejected")).available, false);
});

test("a rolling restart of all three at 1,000 requests/s: no GET fails", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origins = await threeProcesses(stack);
  const endpoints = origins.map(({ address }) => address);
  await using evenkeel = await startEvenkeel({ config: scene({ endpoints }), t });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 1_000 });
  await sentMore(load, 300);
  for (const origin of origins) {
    await origin.stop();
    await sentMore(load, 300);
    await origin.start();
    await sentMore(load, 100);
  }
  noneFailed(t, await load.stop());
});

test("one that freezes is taken out and comes back; retries cover it", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origins = await threeProcesses(stack);
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: origins.map(({ address }) => address),
      upstream: {
        health_check: { path: "/", interval: "300ms", fast_interval: "100ms", timeout: "250ms" },
        ejection: { base: "300ms" },
      },
      route: {
        timeouts: { first_byte: "400ms" },
        retry: { on: ["connect_failure", "reset", "timeout"] },
      },
    }),
    t,
  });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 500 });
  await sentMore(load, 600);
  const [, frozen] = origins;
  frozen!.freeze();
  await waitFor("the frozen one to be out", async () => {
    return !(await endpointOf(evenkeel, frozen!.address)).available;
  });
  await sentMore(load, 750);
  frozen!.thaw();
  await inState(evenkeel, frozen!.address, "healthy");
  const before = load.settled;
  await sentMore(load, 300);
  const run = await load.stop();
  noneFailed(t, run);
  // Bounded by one attempt that hangs and one that works, with room for a busy machine.
  assert.ok(run.quantileMs(1) < 2_500, summary(run));
  const afterwards = run.outcomes.slice(before).map(({ origin }) => origin ?? "");
  assert.ok(tally(afterwards)["b"]! > 50, JSON.stringify(tally(afterwards)));
});

test("one that answers 503 only is ejected after a few, and comes back", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origins = await startOrigins(stack, "abc");
  const [, bad] = origins;
  bad!.set({ status: 503 });
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: origins.map(({ address }) => address),
      upstream: { ejection: { consecutive_failures: 3, base: "1s" } },
    }),
    t,
  });
  let failures = 0;
  while ((await endpointOf(evenkeel, bad!.address)).state !== "ejected") {
    if ((await ask(evenkeel)).status === 503) failures++;
    assert.ok(failures <= 8, `${failures} failures and still not ejected`);
  }
  assert.ok(failures >= 3);
  const { reason } = await endpointOf(evenkeel, bad!.address);
  assert.match(reason, /^[3-8] requests in a row failed/);
  t.diagnostic(`${failures} requests failed before it was ejected: ${reason}`);
  assert.deepEqual(Object.keys(tally(await askedOrigins(evenkeel, 10))).sort(), ["a", "c"]);
  bad!.set({ status: 200 });
  await inState(evenkeel, bad!.address, "healthy");
  assert.ok(tally(await askedOrigins(evenkeel, 9))["b"]! >= 2);
});

test("503s are covered by retries where they are asked for", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origins = await startOrigins(stack, "abc");
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: origins.map(({ address }) => address),
      route: { retry: { on: ["connect_failure", "reset", 503] } },
    }),
    t,
  });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 200 });
  // The retry budget is a share of the traffic there was.
  await sentMore(load, 100);
  origins[1]!.set({ status: 503 });
  await inState(evenkeel, origins[1]!.address, "ejected");
  await sentMore(load, 50);
  noneFailed(t, await load.stop());
});

test("with hold, all being down looks like a slow answer", deadline, async (t) => {
  await using a = await startOriginProcess({ name: "a" });
  await using b = await startOriginProcess({ name: "b" });
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: [a.address, b.address], upstream: { hold: "10s" } }),
    t,
  });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 100 });
  await sentMore(load, 50);
  await Promise.all([a.kill(), b.kill()]);
  const answered = load.settled;
  await sentMore(load, 50);
  assert.ok(load.settled - answered < 40, "requests wait while all are down");
  await Promise.all([a.start(), b.start()]);
  await sentMore(load, 50);
  noneFailed(t, await load.stop());
});

test(
  "an endpoint added by reload gets traffic after its first check passed",
  deadline,
  async (t) => {
    await using a = await startOrigin({ name: "a" });
    let isFit = false;
    await using fresh = await startOrigin({
      name: "fresh",
      respond: ({ target }) => (target === "/healthz" && !isFit ? { status: 500 } : undefined),
    });
    const upstream = {
      health_check: { path: "/healthz", interval: "100ms", fast_interval: "50ms" },
    };
    await using evenkeel = await startEvenkeel({
      config: scene({ endpoints: [a.address], upstream }),
      t,
    });
    const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 300 });
    await reloadAndWait(evenkeel, scene({ endpoints: [a.address, fresh.address], upstream }));
    await fresh.gotRequests(3);
    await sentMore(load, 100);
    assert.deepEqual(new Set(fresh.requests.map(({ target }) => target)), new Set(["/healthz"]));
    isFit = true;
    await waitFor("its first request", () => fresh.requests.some(({ target }) => target === "/"));
    const run = await load.stop();
    noneFailed(t, run);
    assert.equal((await endpointOf(evenkeel, fresh.address)).state, "healthy");
  },
);

test("slow_start builds the traffic of a recovered endpoint up", deadline, async (t) => {
  await using a = await startOrigin({ name: "a" });
  await using b = await startOrigin({ name: "b" });
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: [a.address, b.address], upstream: { slow_start: "2s" } }),
    t,
  });
  await inState(evenkeel, b.address, "healthy");
  await operate(evenkeel, "eject", "app", b.address);
  assert.deepEqual(tally(await askedOrigins(evenkeel, 4)), { a: 4 });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 400 });
  await operate(evenkeel, "restore", "app", b.address);
  await waitFor("its first request", () => b.requests.length > 0);
  const from = load.settled;
  await inState(evenkeel, b.address, "healthy");
  await sentMore(load, 400);
  const run = await load.stop();
  noneFailed(t, run);
  const share = (outcomes: OpenLoopResult["outcomes"]): number =>
    outcomes.filter(({ origin }) => origin === "b").length / outcomes.length;
  const [early, middle, late] = [
    share(run.outcomes.slice(from, from + 150)),
    share(run.outcomes.slice(from + 300, from + 500)),
    share(run.outcomes.slice(-300)),
  ];
  t.diagnostic(`its share: ${[early, middle, late].map((one) => one.toFixed(2)).join(", ")}`);
  assert.ok(early < 0.3 && early < middle && middle < 0.48, `${early} then ${middle}`);
  assert.ok(Math.abs(late - 0.5) < 0.03, `in the end ${late}`);
});

/** An origin that ends a connection up to 5 ms after an answer, unless a request is faster. */
async function hastyOrigin(stack: AsyncDisposableStack, random: () => number) {
  const closing = new WeakMap<Socket, NodeJS.Timeout>();
  let connections = 0;
  const server = createServer((request, response) => {
    const { socket } = request;
    clearTimeout(closing.get(socket));
    response.end("x", () =>
      closing.set(
        socket,
        setTimeout(() => socket.end(), random() * 5),
      ),
    );
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { address: `127.0.0.1:${address.port}`, connections: () => connections };
}

test("origins that close idle connections at random cost no GET", deadline, async (t) => {
  // A plain generator: the same run every time.
  let seed = 42;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  await using stack = new AsyncDisposableStack();
  const origins = [await hastyOrigin(stack, random), await hastyOrigin(stack, random)];
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: origins.map(({ address }) => address) }),
    t,
  });
  const run = await runOpenLoop({
    url: evenkeel.url("web"),
    ratePerSecond: 500,
    durationMs: 3_000,
  });
  noneFailed(t, run);
  const connections = origins.reduce((sum, one) => sum + one.connections(), 0);
  t.diagnostic(`${connections} connections to origins`);
  assert.ok(connections > 100, "the origins did close connections");
  for (const { address } of origins) {
    assert.equal((await endpointOf(evenkeel, address)).state, "healthy");
  }
});
