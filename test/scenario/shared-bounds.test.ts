/** Bounds that proxies share: what one of them gives back is for whoever waits, in any of them. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Evenkeel, startEvenkeel } from "../support/evenkeel.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { allRunning, ask, GET, scene, statusOf } from "./testing/scene.ts";

const deadline = { timeout: 60_000 };

async function startTwoProxies(t: TestContext, config: object): Promise<Evenkeel> {
  const evenkeel = await startEvenkeel({ config, t });
  await allRunning(evenkeel);
  return evenkeel;
}

/** Connects clients until either proxy has at least `each` of them. The kernel chooses. */
async function clientsOfBoth(
  evenkeel: Evenkeel,
  stack: AsyncDisposableStack,
  each: number,
): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (;;) {
    const { proxies } = await statusOf(evenkeel);
    if (proxies.every((one) => one.client_connections >= each)) return clients;
    assert.ok(clients.length < 40, "the kernel gives one proxy nothing");
    const options = { port: evenkeel.port("web"), deadlineMs: 20_000 };
    clients.push(stack.use(await connectRaw(options)));
  }
}

test("a queue is one over all proxies, first in first out", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin({ name: "a", delayMs: 10 }));
  const evenkeel = stack.use(
    await startTwoProxies(
      t,
      scene({
        endpoints: [origin.address],
        upstream: { max_conns: 1, queue: { max: 50, timeout: "4s" } },
        top: { workers: 2 },
      }),
    ),
  );
  const clients = await clientsOfBoth(evenkeel, stack, 2);
  // Each asks again as soon as it is answered, so that all but one of them wait at any time.
  const wanted = 15 * clients.length;
  const answered = clients.map(() => 0);
  let total = 0;
  await Promise.all(
    clients.map(async (client, index) => {
      while (total < wanted) {
        client.send(GET);
        assert.equal((await client.readResponse()).status, 200);
        answered[index]!++;
        total++;
      }
    }),
  );
  t.diagnostic(`answered ${answered.join(" ")}`);
  assert.ok(Math.max(...answered) - Math.min(...answered) <= 4, answered.join(" "));
});

const breaker = (max: number): object => ({ circuit_breaker: { max_connections: max } });

test("idle connections of one proxy make way for requests of another", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin({ name: "a" }));
  const config = scene({
    endpoints: [origin.address],
    upstream: breaker(1),
    top: { workers: 2 },
  });
  const evenkeel = stack.use(await startTwoProxies(t, config));
  // Each on a connection of its own, so that they come to either proxy.
  for (let n = 0; n < 30; n++) assert.equal((await ask(evenkeel)).status, 200, `request ${n}`);
  t.diagnostic(`${origin.connections.length} connections for 30 requests`);
  const open = (): number => origin.connections.filter((one) => one.open).length;
  await waitFor("the others to be closed", () => open() <= 1);
  assert.equal(await refusals(evenkeel), 0);
});

test("what a burst left idle in one proxy is no bound for the other", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin({ name: "a" }));
  const config = scene({
    endpoints: [origin.address],
    upstream: { ...breaker(4), pool: { idle_timeout: "1m" } },
    top: { workers: 2 },
  });
  const evenkeel = stack.use(await startTwoProxies(t, config));
  const clients = await clientsOfBoth(evenkeel, stack, 4);
  const refused = async (): Promise<number> => {
    let count = 0;
    for (const client of clients) {
      client.send(GET);
      if ((await client.readResponse()).status !== 200) count++;
    }
    return count;
  };
  // All that it may have lie idle somewhere: one after the other each client's proxy needs one.
  origin.set({ delayMs: 50 });
  for (const client of clients) client.send(GET);
  const statuses = await Promise.all(clients.map(async (one) => (await one.readResponse()).status));
  const busy = statuses.filter((status) => status !== 200).length;
  assert.ok(busy > 0 && busy <= clients.length - 4, statuses.join(" "));
  origin.set({ delayMs: 0 });
  assert.equal(await refused(), 0);
  assert.equal(await refused(), 0);
  const open = (): number => origin.connections.filter((one) => one.open).length;
  await waitFor("no more than the bound", () => open() <= 4);
  assert.equal(await refusals(evenkeel), busy);
});

async function refusals(evenkeel: Evenkeel): Promise<number> {
  const metrics = await (await evenkeel.admin("/metrics")).text();
  const line = /^evenkeel_upstream_breaker_refusals_total\{upstream="app"\} (\d+)$/m.exec(metrics);
  return Number(line?.[1]);
}
