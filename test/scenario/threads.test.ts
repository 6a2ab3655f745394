/** A thread of Evenkeel itself dies in the middle of traffic. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { startOpenLoop } from "../support/open-loop.ts";
import type { Origin } from "../support/origin.ts";
import { connectRaw, exchange, type RawClient } from "../support/raw-client.ts";
import { waitFor, within } from "../support/wait-for.ts";
import { startCrashable } from "./testing/crashable.ts";
import {
  ask,
  endpointOf,
  GET,
  operate,
  scene,
  sentMore,
  startOrigins,
  statusOf,
  summary,
} from "./testing/scene.ts";

const deadline = { timeout: 60_000 };

test(
  "a proxy dies under load: its own requests at most fail, and it is replaced",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const all = await startOrigins(stack, "ab");
    for (const origin of all) {
      origin.set({
        respond: ({ target }) => (target === "/slow" ? { delayMs: 2_000 } : undefined),
      });
    }
    const config = scene({ endpoints: all.map(({ address }) => address), top: { workers: 2 } });
    const { evenkeel, crash } = await startCrashable(config, t, stack);

    const slow: RawClient[] = [];
    for (let index = 0; index < 16; index++) {
      const client = stack.use(
        await connectRaw({ port: evenkeel.port("web"), deadlineMs: 10_000 }),
      );
      slow.push(client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 300 });
    await sentMore(load, 150);
    const { proxies } = await statusOf(evenkeel);
    assert.equal(proxies.length, 2);
    const heldBy = proxies.map((one) => one.requests_in_flight);
    const crashedAtMs = load.sent * (1_000 / 300);
    crash("proxy-0");
    await evenkeel.logged(/"a proxy thread died"/);
    const settled = await waitFor("its successor", async () => {
      const status = await statusOf(evenkeel);
      const [dead, other] = status.proxies;
      const isBack = dead?.restarts === 1 && dead.state === "running" && other?.restarts === 0;
      return isBack ? status : undefined;
    });
    const replacedAtMs = load.sent * (1_000 / 300);
    await sentMore(load, 150);
    const run = await load.stop();
    const ends = await Promise.allSettled(slow.map((client) => client.readResponse()));
    const lost = ends.filter(({ status }) => status === "rejected").length;
    t.diagnostic(summary(run));
    t.diagnostic(
      `replaced after ${(replacedAtMs - crashedAtMs).toFixed(0)} ms; of 16 slow requests ` +
        `${lost} lost; in flight at the crash ${heldBy.join(" and ")}`,
    );
    // The slow ones were shared by the two proxies; the survivor's are all answered.
    assert.ok(lost > 0 && lost < 16, `${lost} of 16 lost`);
    const failed = run.outcomes.filter(({ status }) => status !== 200);
    // A crash closes the connections of one proxy: what was just being served or sent there.
    assert.ok(failed.length <= 12, summary(run));
    for (const { dueMs, status } of failed) {
      assert.equal(status, undefined);
      assert.ok(dueMs > crashedAtMs - 300 && dueMs < replacedAtMs + 300, `failed at ${dueMs}`);
    }
    assert.equal(settled.proxies[1]?.state, "running");
    await waitFor("the counts to be back at zero", async () => {
      const { upstreams, proxies: now } = await statusOf(evenkeel);
      return (
        upstreams[0]!.in_flight === 0 &&
        upstreams[0]!.endpoints.every((one) => one.in_flight === 0) &&
        now.every((one) => one.requests_in_flight === 0)
      );
    });
    assert.deepEqual(await evenkeel.stop(), { code: 0, signal: null });
  },
);

test(
  "the control thread dies under load: no request fails, nothing is forgotten",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const [a, b, c] = (await startOrigins(stack, "abc")) as [Origin, Origin, Origin];
    const config = scene({
      endpoints: [a, b, c].map(({ address }) => address),
      upstream: { ejection: { base: "1m", consecutive_failures: 3 } },
      route: { rate_limit: { rate: "1000/s", burst: 5_000 } },
    });
    const { evenkeel, crash } = await startCrashable(config, t, stack);
    await operate(evenkeel, "drain", "app", a.address);
    await operate(evenkeel, "weight", "app", c.address, "7");
    b.set({ status: 503 });
    while ((await endpointOf(evenkeel, b.address)).state !== "ejected") await ask(evenkeel);
    const before = await counters();
    const ejected = await endpointOf(evenkeel, b.address);

    const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 500 });
    await using kept = await connectRaw(evenkeel.port("web"));
    await sentMore(load, 150);
    const crashedAt = performance.now();
    crash("control");
    await evenkeel.logged(/the control thread died/);
    const back = await waitFor("control to be back", async () => {
      const status = await statusOf(evenkeel);
      return status.control_restarts === 1 ? status : undefined;
    });
    const tookMs = performance.now() - crashedAt;
    kept.send(GET);
    assert.equal((await kept.readResponse()).status, 200);
    await sentMore(load, 150);
    const run = await load.stop();
    t.diagnostic(summary(run));
    t.diagnostic(`back after ${tookMs.toFixed(0)} ms`);
    assert.deepEqual(run.failures, []);
    assert.deepEqual(run.byOrigin, { c: run.sent });
    assert.ok(tookMs < 2_000, `${tookMs} ms`);
    const states = back.upstreams[0]!.endpoints.map((one) => one.state);
    assert.deepEqual(states, ["draining", "ejected", "healthy"]);
    const again = await endpointOf(evenkeel, b.address);
    assert.deepEqual(
      [again.reason, again.since, again.until, again.times_ejected],
      [ejected.reason, ejected.since, ejected.until, ejected.times_ejected],
    );
    assert.equal((await endpointOf(evenkeel, c.address)).operator_weight, 7);
    assert.equal(await counters(), before + run.sent + 1);
    // It still obeys: the operator's word and the file.
    await operate(evenkeel, "undrain", "app", a.address);
    assert.equal((await endpointOf(evenkeel, a.address)).state, "healthy");
    evenkeel.signal("SIGHUP");
    await evenkeel.logged(/read again: nothing changed/);

    async function counters(): Promise<number> {
      const metrics = await (await evenkeel.admin("/metrics")).text();
      const line = /^evenkeel_upstream_requests_total\{upstream="app"\} (\d+)$/m.exec(metrics);
      return Number(line?.[1]);
    }
  },
);

test("a SIGHUP while control is dead is not forgotten", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const answering = (body: string): object => ({
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [{ respond: { body } }],
  });
  const { evenkeel, crash } = await startCrashable(answering("one"), t, stack);
  await evenkeel.rewrite(answering("two"));
  crash("control");
  await evenkeel.logged(/the control thread died/);
  evenkeel.signal("SIGHUP");
  await waitFor("the new answer", async () => (await ask(evenkeel)).text === "two");
});

for (const [thread, when] of [
  ["control", "before"],
  ["proxy-0", "after"],
] as const) {
  test(`${thread} dies just ${when} SIGTERM: it still ends well`, deadline, async (t) => {
    await using stack = new AsyncDisposableStack();
    const [a] = (await startOrigins(stack, "a")) as [Origin];
    a.set({ delayMs: 1_000 });
    const config = scene({ endpoints: [a.address], top: { workers: 2 } });
    const { evenkeel, crash } = await startCrashable(config, t, stack);
    const clients: RawClient[] = [];
    for (let index = 0; index < 12; index++) {
      clients.push(stack.use(await connectRaw(evenkeel.port("web"))).send(GET));
    }
    await a.gotRequests(12);
    if (when === "after") {
      evenkeel.signal("SIGTERM");
      await evenkeel.logged(/shutting down/);
    }
    crash(thread);
    await evenkeel.logged(/thread died/);
    if (when === "before") evenkeel.signal("SIGTERM");
    const ends = await Promise.allSettled(
      clients.map(async (client) => {
        const { status } = await client.readResponse();
        client.endWrite();
        return status;
      }),
    );
    const answered = ends.filter((end) => end.status === "fulfilled" && end.value === 200).length;
    t.diagnostic(`${answered} of 12 answered`);
    // The other proxy's are all answered; a dead control thread costs nobody anything.
    assert.ok(thread === "control" ? answered === 12 : answered > 0 && answered < 12);
    assert.deepEqual(await within("its end", 10_000, evenkeel.exited), { code: 0, signal: null });
  });
}

test("both proxies may die at the same time; it serves again", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "a");
  const config = scene({ endpoints: [all[0]!.address], top: { workers: 2 } });
  const { evenkeel, crash } = await startCrashable(config, t, stack);
  crash("proxy-0");
  await evenkeel.logged(/"proxy":0,[^}]*"a proxy thread died"/);
  crash("proxy-1");
  await evenkeel.logged(/"proxy":1,[^}]*"a proxy thread died"/);
  await waitFor("both successors", async () => {
    const { proxies } = await statusOf(evenkeel);
    return proxies.every(({ restarts, state }) => restarts === 1 && state === "running");
  });
  assert.equal((await exchange(evenkeel.port("web"), GET)).status, 200);
  assert.equal((await evenkeel.admin("/readyz")).status, 200);
});
