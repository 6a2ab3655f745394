/** Bounds that proxies share: what one of them gives back is for whoever waits, in any of them. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Evenkeel, startEvenkeel } from "../support/evenkeel.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { allRunning, GET, scene, statusOf } from "./testing/scene.ts";

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
