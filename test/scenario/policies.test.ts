/** Who gets which request, counted at the origins, with as many workers as there are cores. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { startEvenkeel } from "../support/evenkeel.ts";
import { startOrigin, type Origin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  ask,
  askedOrigins,
  askOrigin,
  endpointOf,
  GET,
  inState,
  operate,
  scene,
  startOrigins,
  tally,
} from "./testing/scene.ts";

const deadline = { timeout: 60_000 };

const addresses = (list: readonly Origin[]): string[] => list.map(({ address }) => address);

test(
  "round_robin with weights 5, 1, 1 goes a a b a c a a over all workers",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const [a, b, c] = (await startOrigins(stack, "abc")) as [Origin, Origin, Origin];
    const endpoints = [{ address: a.address, weight: 5 }, b.address, c.address];
    await using evenkeel = await startEvenkeel({ config: scene({ endpoints }), t });
    const { proxies } = await evenkeel.adminJson<{ proxies: unknown[] }>("/status");
    t.diagnostic(`${proxies.length} workers`);
    const sequence = (await askedOrigins(evenkeel, 21)).join(" ");
    assert.equal(sequence, "a a b a c a a ".repeat(3).trim());
  },
);

test("least_conn counts the requests in flight of all workers", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "abc");
  for (const origin of all) origin.set({ hang: "before-answer" });
  const [a, ...others] = addresses(all);
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: [{ address: a, weight: 2 }, ...others],
      upstream: { balance: "least_conn" },
    }),
    t,
  });
  const inFlight = (): number => all.reduce((sum, { requests }) => sum + requests.length, 0);
  for (let sent = 1; sent <= 24; sent++) {
    stack.use(await connectRaw(evenkeel.port("web"))).send(GET);
    await waitFor(`request ${sent} at an origin`, () => inFlight() === sent);
  }
  assert.deepEqual(
    all.map(({ requests }) => requests.length),
    [12, 6, 6],
  );
  const shown = await endpointOf(evenkeel, a!);
  assert.equal(shown.in_flight, 12);
});

test("least_conn gives a slow origin less", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const [fast, slow] = (await startOrigins(stack, "fs")) as [Origin, Origin];
  fast.set({ delayMs: 5 });
  slow.set({ delayMs: 60 });
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: addresses([fast, slow]), upstream: { balance: "least_conn" } }),
    t,
  });
  const client = async (): Promise<void> => {
    for (let count = 0; count < 25; count++) await ask(evenkeel);
  };
  await Promise.all(Array.from({ length: 6 }, client));
  t.diagnostic(`fast ${fast.requests.length}, slow ${slow.requests.length}`);
  assert.equal(fast.requests.length + slow.requests.length, 150);
  assert.ok(fast.requests.length > 2 * slow.requests.length);
});

const forUser = (user: string): string =>
  `GET / HTTP/1.1\r\nHost: a.example\r\nX-User: ${user}\r\n\r\n`;

for (const algorithm of ["maglev", "ketama"]) {
  test(`hash by header (${algorithm}) is the same in every worker and after a restart`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const all = await startOrigins(stack, "abcd");
    const config = scene({
      endpoints: addresses(all),
      upstream: { balance: { policy: "hash", key: "header:X-User", algorithm } },
    });
    const mapped = async (): Promise<string> => {
      await using evenkeel = await startEvenkeel({ config, t });
      const where: string[] = [];
      for (let user = 0; user < 30; user++) {
        where.push(await askOrigin(evenkeel, forUser(`user-${user}`)));
      }
      for (let user = 0; user < 30; user++) {
        assert.equal(await askOrigin(evenkeel, forUser(`user-${user}`)), where[user]);
      }
      return where.join("");
    };
    const first = await mapped();
    assert.ok(new Set(first).size >= 3, first);
    assert.equal(await mapped(), first);
  });
}

test("ip_hash binds a client's network, by its first three octets", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "abc");
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: addresses(all), upstream: { balance: "ip_hash" } }),
    t,
  });
  const from = async (localAddress: string): Promise<string> => {
    const answer = await exchange({ port: evenkeel.port("web"), localAddress }, GET);
    return answer.header("x-origin") ?? "";
  };
  const seen = new Set<string>();
  for (let network = 1; network <= 20; network++) {
    const first = await from(`127.0.${network}.1`);
    assert.equal(await from(`127.0.${network}.1`), first);
    assert.equal(await from(`127.0.${network}.77`), first);
    seen.add(first);
  }
  assert.deepEqual([...seen].sort(), ["a", "b", "c"]);
});

test("a sticky client stays, through a drain too, and is bound anew when it must", async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "abc");
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: addresses(all), upstream: { sticky: "bound" } }),
    t,
  });
  const first = await ask(evenkeel);
  const cookie = first.header("set-cookie")?.split(";")[0] ?? "";
  assert.match(cookie, /^bound=/);
  const bound = first.header("x-origin")!;
  const withCookie = (text: string): string =>
    `GET / HTTP/1.1\r\nHost: a.example\r\nCookie: other=1; ${text}\r\n\r\n`;
  for (let count = 0; count < 8; count++) {
    const answer = await ask(evenkeel, withCookie(cookie));
    assert.deepEqual([answer.header("x-origin"), answer.header("set-cookie")], [bound, undefined]);
  }
  const forged = await ask(evenkeel, withCookie(`${cookie.slice(0, -2)}xx`));
  assert.match(forged.header("set-cookie") ?? "", /^bound=/);

  const endpoint = all.find((origin) => origin.address && nameOf(origin) === bound)!;
  await operate(evenkeel, "drain", "app", endpoint.address);
  assert.equal(await askOrigin(evenkeel, withCookie(cookie)), bound);
  assert.equal(tally(await askedOrigins(evenkeel, 6))[bound], undefined);

  await operate(evenkeel, "eject", "app", endpoint.address);
  const moved = await ask(evenkeel, withCookie(cookie));
  assert.equal(moved.status, 200);
  assert.notEqual(moved.header("x-origin"), bound);
  const renewed = moved.header("set-cookie")?.split(";")[0] ?? "";
  assert.match(renewed, /^bound=/);
  assert.equal(await askOrigin(evenkeel, withCookie(renewed)), moved.header("x-origin"));

  function nameOf(origin: Origin): string {
    return "abc"[all.indexOf(origin)]!;
  }
});

test("a sticky client is bound anew when its origin died", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "ab");
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: addresses(all), upstream: { sticky: "bound" } }),
    t,
  });
  const first = await ask(evenkeel);
  const cookie = first.header("set-cookie")!.split(";")[0]!;
  const bound = first.header("x-origin")!;
  await all["ab".indexOf(bound)]!.stop({ reset: true });
  const next = await ask(evenkeel, `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
  assert.equal(next.status, 200);
  assert.notEqual(next.header("x-origin"), bound);
  assert.match(next.header("set-cookie") ?? "", /^bound=/);
});

test("a backup serves while no primary can, and only then", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const [a, b, spare] = (await startOrigins(stack, "abs")) as [Origin, Origin, Origin];
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: [a.address, b.address, { address: spare.address, backup: true }],
      upstream: { panic_threshold: "off" },
    }),
    t,
  });
  assert.deepEqual(tally(await askedOrigins(evenkeel, 6)), { a: 3, b: 3 });
  await operate(evenkeel, "eject", "app", a.address);
  assert.deepEqual(tally(await askedOrigins(evenkeel, 4)), { b: 4 });
  await operate(evenkeel, "eject", "app", b.address);
  assert.deepEqual(tally(await askedOrigins(evenkeel, 4)), { s: 4 });
  await operate(evenkeel, "restore", "app", a.address);
  assert.deepEqual(tally(await askedOrigins(evenkeel, 4)), { a: 4 });
  // Dead, not yet judged: the request itself finds the backup.
  await a.stop({ reset: true });
  assert.equal(await askOrigin(evenkeel), "s");
});

test("max_conns is never exceeded over all workers; the rest queues", deadline, async (t) => {
  let atOnce = 0;
  let most = 0;
  const server = createServer((_request, response) => {
    atOnce++;
    most = Math.max(most, atOnce);
    setTimeout(() => {
      atOnce--;
      response.end("done");
    }, 15);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: [{ address: `127.0.0.1:${address.port}`, max_conns: 3 }],
      upstream: { queue: { max: 100, timeout: "10s" } },
    }),
    t,
  });
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(evenkeel)));
  assert.deepEqual(tally(answers.map(({ status }) => String(status))), { 200: 60 });
  assert.equal(most, 3);
});

test("a full queue refuses, and a wait that is too long ends", deadline, async (t) => {
  await using origin = await startOrigin({ hang: "before-answer" });
  await using stack = new AsyncDisposableStack();
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: [{ address: origin.address, max_conns: 1 }],
      upstream: { queue: { max: 2, timeout: "700ms" } },
    }),
    t,
  });
  stack.use(await connectRaw(evenkeel.port("web"))).send(GET);
  await waitFor("the first request", () => origin.requests.length === 1);
  const waiting = await Promise.all([1, 2].map(() => connectRaw(evenkeel.port("web"))));
  for (const client of waiting) stack.use(client).send(GET);
  await waitFor("two to wait", async () => {
    const { upstreams } = await evenkeel.adminJson<{ upstreams: { queued: number }[] }>("/status");
    return upstreams[0]?.queued === 2;
  });
  const refused = await ask(evenkeel);
  assert.equal(refused.status, 503);
  for (const client of waiting) assert.equal((await client.readResponse()).status, 503);
  assert.equal(origin.requests.length, 1);
  const metrics = await (await evenkeel.admin("/metrics")).text();
  assert.match(metrics, /evenkeel_refused_requests_total\{reason="queue_full",[^}]*\} 1\n/);
  assert.match(metrics, /evenkeel_refused_requests_total\{reason="queue_timeout",[^}]*\} 2\n/);
});

test("a weight changed at run time holds at once, in every worker", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "ab");
  await using evenkeel = await startEvenkeel({ config: scene({ endpoints: addresses(all) }), t });
  assert.deepEqual(tally(await askedOrigins(evenkeel, 8)), { a: 4, b: 4 });
  await operate(evenkeel, "weight", "app", all[0]!.address, "3");
  assert.deepEqual(tally(await askedOrigins(evenkeel, 12)), { a: 9, b: 3 });
  await operate(evenkeel, "weight", "app", all[0]!.address, "0");
  assert.deepEqual(tally(await askedOrigins(evenkeel, 4)), { b: 4 });
  await operate(evenkeel, "weight", "app", all[0]!.address, "default");
  assert.deepEqual(tally(await askedOrigins(evenkeel, 8)), { a: 4, b: 4 });
  await inState(evenkeel, all[0]!.address, "healthy");
});
