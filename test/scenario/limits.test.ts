/** Bounds: exact over all workers, with the status that belongs to each. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type Evenkeel, startEvenkeel } from "../support/evenkeel.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, exchange, type RawClient } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { allRunning, ask, GET, reloadAndWait, scene, statusOf, tally } from "./testing/scene.ts";
import { openFiles } from "./testing/process-facts.ts";

const deadline = { timeout: 60_000 };

const fixed = (route: object, top: object = {}): object => ({
  listeners: { web: "127.0.0.1:{{port:web}}" },
  routes: [{ name: "fixed", respond: { body: "ok" }, ...route }],
  workers: 2,
  ...top,
});

test(
  "max_connections is exact over the workers, and free again when clients go",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const config = {
      listeners: { web: { bind: "127.0.0.1:{{port:web}}", max_connections: 10 } },
      routes: [{ respond: { body: "ok" } }],
      workers: 2,
    };
    await using evenkeel = await startEvenkeel({ config, t });
    const clients: RawClient[] = [];
    for (let index = 0; index < 30; index++) {
      clients.push(stack.use(await connectRaw(evenkeel.port("web"))));
    }
    // Those refused are told so before they ask.
    await waitFor(
      "20 refusals",
      () => clients.filter((one) => one.unread.length > 0).length === 20,
    );
    const refused = clients.filter((one) => one.unread.length > 0);
    for (const client of refused) {
      assert.equal((await client.readResponse()).status, 503);
      assert.equal(await client.closed(), "end");
    }
    const served = clients.filter((one) => !refused.includes(one));
    for (const client of served) {
      client.send(GET);
      assert.equal((await client.readResponse()).status, 200);
    }
    await served[0]![Symbol.asyncDispose]();
    await served[1]![Symbol.asyncDispose]();
    await waitFor("two places", async () => {
      const { proxies } = await statusOf(evenkeel);
      return proxies.reduce((sum, one) => sum + one.client_connections, 0) === 8;
    });
    const late = [1, 2, 3].map(async () => stack.use(await connectRaw(evenkeel.port("web"))));
    const statuses: string[] = [];
    for (const client of await Promise.all(late)) {
      if (client.unread.length === 0) client.send(GET);
      statuses.push(String((await client.readResponse()).status));
    }
    assert.deepEqual(tally(statuses), { 200: 2, 503: 1 });
  },
);

async function statuses(evenkeel: Evenkeel, count: number, request = GET): Promise<object> {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(evenkeel, request)));
  return tally(answers.map(({ status }) => String(status)));
}

test("a rate limit is exact over the workers, and says when to come again", deadline, async (t) => {
  const limited = (more: object = {}): object =>
    fixed({ rate_limit: { rate: "1/m", burst: 12 }, ...more });
  await using evenkeel = await startEvenkeel({ config: limited(), t });
  assert.deepEqual(await statuses(evenkeel, 40), { 200: 12, 429: 28 });
  const refused = await ask(evenkeel);
  assert.equal(refused.status, 429);
  const retryAfterS = Number(refused.header("retry-after"));
  assert.ok(retryAfterS > 50 && retryAfterS <= 60, String(retryAfterS));
  // Another client has a bucket of its own.
  const other = await exchange({ port: evenkeel.port("web"), localAddress: "127.0.0.9" }, GET);
  assert.equal(other.status, 200);
  // A changed file forgives nobody, also where the route itself changed.
  evenkeel.signal("SIGHUP");
  await evenkeel.logged(/read again: nothing changed/);
  assert.equal((await ask(evenkeel)).status, 429);
  await reloadAndWait(evenkeel, limited({ response_headers: { set: { "X-New": "1" } } }));
  assert.equal((await ask(evenkeel)).status, 429);
  // Another limit begins anew.
  await reloadAndWait(evenkeel, fixed({ rate_limit: { rate: "1/m", burst: 5 } }));
  assert.deepEqual(await statuses(evenkeel, 20), { 200: 5, 429: 15 });
});

test("a rate limit by header, and one for everybody", deadline, async (t) => {
  const config = {
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [
      { path: "/key", respond: 200, rate_limit: { rate: "1/m", burst: 2, key: "header:X-Key" } },
      { path: "/all", respond: 200, rate_limit: { rate: "1/m", burst: 3, key: "route" } },
    ],
    workers: 2,
  };
  await using evenkeel = await startEvenkeel({ config, t });
  const withKey = (key: string): string => `GET /key HTTP/1.1\r\nHost: a\r\nX-Key: ${key}\r\n\r\n`;
  assert.deepEqual(await statuses(evenkeel, 6, withKey("one")), { 200: 2, 429: 4 });
  assert.deepEqual(await statuses(evenkeel, 6, withKey("two")), { 200: 2, 429: 4 });
  const all = "GET /all HTTP/1.1\r\nHost: a\r\n\r\n";
  const from = async (last: number): Promise<string> => {
    const localAddress = `127.0.0.${last}`;
    return String((await exchange({ port: evenkeel.port("web"), localAddress }, all)).status);
  };
  const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(from));
  assert.deepEqual(tally(answers), { 200: 3, 429: 5 });
});

test("too large is refused by its own status", deadline, async (t) => {
  await using origin = await startOrigin({ name: "a" });
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: [origin.address],
      top: {
        limits: {
          body: "1KiB",
          headers: "2KiB",
          header_count: 20,
          uri: "200B",
          request_line: "400B",
        },
      },
    }),
    t,
  });
  const post = (headers: string, body: string): string =>
    `POST / HTTP/1.1\r\nHost: a\r\n${headers}\r\n${body}`;
  const cases: [name: string, request: string, status: number][] = [
    ["a body that fits", post("Content-Length: 1024\r\n", "x".repeat(1024)), 200],
    ["a body by its length", post("Content-Length: 1025\r\n", "x".repeat(1025)), 413],
    [
      "a chunked body",
      post("Transfer-Encoding: chunked\r\n", `401\r\n${"x".repeat(1025)}\r\n0\r\n\r\n`),
      413,
    ],
    ["a target", `GET /${"x".repeat(200)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ["a request line", `GET /${"x".repeat(500)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ["the header section", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(2100)}\r\n\r\n`, 431],
    ["the number of fields", `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(20)}\r\n`, 431],
  ];
  for (const [name, request, status] of cases) {
    assert.equal((await exchange(evenkeel.port("web"), request)).status, status, name);
  }
  assert.equal(origin.requests.filter(({ done }) => done).length, 1);
});

test("allow and deny are decided by the longest network", deadline, async (t) => {
  await using evenkeel = await startEvenkeel({
    config: fixed({ allow: ["127.0.0.0/16", "127.0.5.7/32"], deny: ["127.0.5.0/24"] }),
    t,
  });
  const from = async (localAddress: string): Promise<number> =>
    (await exchange({ port: evenkeel.port("web"), localAddress }, GET)).status;
  assert.equal(await from("127.0.0.1"), 200);
  assert.equal(await from("127.0.5.1"), 403);
  assert.equal(await from("127.0.5.7"), 200);
  assert.equal(await from("127.1.0.1"), 403);
  await reloadAndWait(evenkeel, fixed({ deny: ["127.0.0.0/24"] }));
  assert.equal(await from("127.0.0.1"), 403);
  assert.equal(await from("127.1.0.1"), 200);
});

test(
  "out of file descriptors: who is in stays in, it says so and recovers",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    await using origin = await startOrigin({ name: "a" });
    await using evenkeel = await startEvenkeel({
      config: scene({
        endpoints: [origin.address],
        top: {
          workers: 2,
          // More than it may have: what nobody writes is bounded by what the system allows.
          listeners: { web: { bind: "127.0.0.1:{{port:web}}", max_connections: 1_000 } },
        },
      }),
      wrap: ["sh", "-c", 'ulimit -n 120; exec "$0" "$@"'],
      t,
    });
    await evenkeel.logged(/only 120 files/);
    await allRunning(evenkeel);
    const first = stack.use(await connectRaw({ port: evenkeel.port("web"), deadlineMs: 20_000 }));
    first.send(GET);
    assert.equal((await first.readResponse()).status, 200);
    const crowd: RawClient[] = [];
    for (let index = 0; index < 150; index++) {
      crowd.push(stack.use(await connectRaw(evenkeel.port("web"))));
    }
    await evenkeel.logged(/out of file descriptors/);
    assert.ok(openFiles(evenkeel.pid) >= 115);
    // Its connection to the origin is there already, or it is told what is wrong: never left alone.
    for (let count = 0; count < 5; count++) {
      first.send(GET);
      const { status } = await first.readResponse();
      assert.ok(status === 200 || status >= 500, String(status));
    }
    await waitFor("the others to be told", () => crowd.some((one) => one.ending !== undefined));
    for (const client of crowd) await client[Symbol.asyncDispose]();
    await waitFor("new clients to be served", async () => (await ask(evenkeel)).status === 200);
    await evenkeel.logged(/descriptors again/);
    first.send(GET);
    assert.equal((await first.readResponse()).status, 200);
    const status = await statusOf(evenkeel);
    assert.deepEqual([status.ready, status.control_restarts], [true, 0]);
    assert.deepEqual(
      status.proxies.map(({ state, restarts }) => [state, restarts]),
      [
        ["running", 0],
        ["running", 0],
      ],
    );
    assert.equal(status.upstreams[0]?.endpoints[0]?.state, "healthy");
    // It says it once, not once per connection.
    const lines = evenkeel.logLines.filter(({ level }) => level === "warn" || level === "error");
    assert.equal(lines.length, 2, lines.map(({ message }) => String(message)).join(" | "));
    assert.deepEqual(await evenkeel.stop(), { code: 0, signal: null });
  },
);
