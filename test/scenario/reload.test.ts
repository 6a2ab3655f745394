/** A changed file: what is refused, what is told, and what goes on untouched meanwhile. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";

import type { StatusDocument } from "../../packages/evenkeel/src/admin/status.ts";
import { type Evenkeel, startEvenkeel } from "../support/evenkeel.ts";
import { startOpenLoop } from "../support/open-loop.ts";
import { startOrigin, type Origin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { openFiles, residentBytes } from "./testing/process-facts.ts";
import {
  ask,
  askedOrigins,
  askOrigin,
  command,
  endpointOf,
  GET,
  inState,
  operate,
  reloadAndWait,
  scene,
  sentMore,
  startOrigins,
  statusOf,
  summary,
  tally,
} from "./testing/scene.ts";

const deadline = { timeout: 60_000 };

test("a refused file changes nothing, and all of its problems are told", deadline, async (t) => {
  await using a = await startOrigin({ name: "a" });
  await using evenkeel = await startEvenkeel({ config: scene({ endpoints: [a.address] }), t });
  const before = await statusOf(evenkeel);
  await evenkeel.reload({
    listeners: { web: "127.0.0.1:99999" },
    routes: [{ upstream: "ap" }],
    upstreams: { app: { endpoints: [a.address], balance: "round_robbin" } },
  });
  const refused = await waitFor("the refusal", async () => {
    const status = await statusOf(evenkeel);
    return status.config.reloads_refused === 1 ? status : undefined;
  });
  assert.equal(refused.config.last_reload_ok, false);
  assert.equal(refused.config.version, before.config.version);
  const told = refused.config.problems.join("\n");
  for (const problem of [/99999/, /round_robbin/, /round_robin/, /upstreams\.app\.balance/]) {
    assert.match(told, problem);
  }
  assert.match(told, /evenkeel\.yaml:\d+:\d+/);
  await evenkeel.logged(/refused: nothing changed/);
  const line = evenkeel.logLines.find(({ message }) => /refused/.test(String(message)));
  assert.deepEqual(line?.["problems"], refused.config.problems);
  assert.equal(await askOrigin(evenkeel), "a");
  assert.match(await operate(evenkeel, "status"), /the last reload was refused/);
  assert.match(await (await evenkeel.admin("/metrics")).text(), /last_reload_successful 0\n/);
});

test("an accepted file tells what changed; the same again is no change", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const [a, b] = (await startOrigins(stack, "ab")) as [Origin, Origin];
  await using evenkeel = await startEvenkeel({ config: scene({ endpoints: [a.address] }), t });
  const config = scene({ endpoints: [a.address, b.address], upstream: { balance: "random" } });
  await reloadAndWait(evenkeel, config);
  const line = evenkeel.logLines.find(({ message }) => /in force/.test(String(message)));
  assert.deepEqual(line?.["changes"], [
    "upstream app: balance round_robin → random",
    `upstream app: endpoint ${b.address} added`,
  ]);
  const { version } = (await statusOf(evenkeel)).config;
  await evenkeel.reload(config);
  await evenkeel.logged(/read again: nothing changed/);
  assert.equal((await statusOf(evenkeel)).config.version, version);
});

test("--watch follows a rename and a write in place", deadline, async (t) => {
  const answering = (body: string): object => ({
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [{ respond: { body } }],
  });
  await using evenkeel = await startEvenkeel({
    config: answering("one"),
    args: ["--watch"],
    t,
  });
  const answers = async (body: string): Promise<boolean> => (await ask(evenkeel)).text === body;
  assert.ok(await answers("one"));
  await evenkeel.rewrite(answering("two"));
  await waitFor("the renamed file", () => answers("two"));
  const ports = { web: evenkeel.port("web"), admin: evenkeel.port("admin") };
  const text = JSON.stringify({
    ...answering("three"),
    admin: { bind: "127.0.0.1:{{port:admin}}" },
  })
    .replace("{{port:web}}", String(ports.web))
    .replace("{{port:admin}}", String(ports.admin));
  writeFileSync(evenkeel.configFile, text);
  await waitFor("the file written in place", () => answers("three"));
  writeFileSync(evenkeel.configFile, "listeners: [");
  await evenkeel.logged(/refused: nothing changed/);
  assert.ok(await answers("three"));
  writeFileSync(evenkeel.configFile, text.replace("three", "four"));
  await waitFor("the repaired file", () => answers("four"));
});

const UPGRADE = "GET /tunnel HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";

test(
  "what did not change is not touched: tunnel, download, connection, health",
  deadline,
  async (t) => {
    await using stack = new AsyncDisposableStack();
    const [a, b, c] = (await startOrigins(stack, "abc")) as [Origin, Origin, Origin];
    await using slow = await startOrigin({ bodyBytes: 8 << 20 });
    await using echo = await startOrigin({ upgrade: true });
    const config = (appEndpoints: Origin[], otherBody: string): object => ({
      listeners: { web: "127.0.0.1:{{port:web}}", side: "127.0.0.1:{{port:side}}" },
      routes: [
        { upstream: "app" },
        { path: "/download", upstream: "files" },
        { path: "/tunnel", upstream: "echo" },
        { path: "/other", respond: { body: otherBody } },
      ],
      upstreams: {
        app: {
          endpoints: appEndpoints.map(({ address }) => address),
          ejection: { base: "1m", consecutive_failures: 3 },
        },
        files: { endpoints: [slow.address] },
        echo: { endpoints: [echo.address] },
      },
    });
    await using evenkeel = await startEvenkeel({ config: config([a, b, c], "0"), t });
    const web = evenkeel.port("web");
    await operate(evenkeel, "drain", "app", a.address);
    await operate(evenkeel, "weight", "app", c.address, "7");
    b.set({ status: 503 });
    while ((await endpointOf(evenkeel, b.address)).state !== "ejected") await ask(evenkeel);
    const tunnel = stack.use(await connectRaw(web)).send(UPGRADE);
    assert.equal((await tunnel.readResponse()).status, 101);
    const kept = stack.use(await connectRaw(web)).send(GET);
    await kept.readResponse();
    const download = stack.use(await connectRaw({ port: web, deadlineMs: 20_000 }));
    download.send("GET /download HTTP/1.1\r\nHost: a\r\n\r\n");
    await waitFor("the download to begin", () => download.unread.length > 0);
    download.socket.pause();
    const counted = await requestsOf(evenkeel);
    const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 200 });

    for (let version = 1; version <= 5; version++) {
      await reloadAndWait(evenkeel, config([a, b, c], String(version)));
      assert.equal(
        (await exchange(web, "GET /other HTTP/1.1\r\nHost: a\r\n\r\n")).text,
        `${version}`,
      );
      tunnel.send(`still ${version}`);
      assert.equal((await tunnel.readBytes(7)).toString(), `still ${version}`);
      kept.send(GET);
      assert.equal((await kept.readResponse()).header("x-origin"), "c");
    }
    // The upstream itself changes: what is known of the endpoints that stay, stays.
    await using d = await startOrigin({ name: "d" });
    await reloadAndWait(evenkeel, config([a, b, c, d], "5"));
    kept.send(GET);
    assert.equal((await kept.readResponse()).status, 200);
    tunnel.send("and on");
    assert.equal((await tunnel.readBytes(6)).toString(), "and on");

    const run = await load.stop();
    t.diagnostic(summary(run));
    assert.deepEqual(run.failures, []);
    download.socket.resume();
    assert.equal((await download.readResponse()).body.length, 8 << 20);
    assert.equal((await endpointOf(evenkeel, a.address)).state, "draining");
    assert.equal((await endpointOf(evenkeel, b.address)).state, "ejected");
    assert.equal((await endpointOf(evenkeel, c.address)).operator_weight, 7);
    assert.ok((await requestsOf(evenkeel)) >= counted + run.sent + 6);
  },
);

/** Requests that the upstream app has had by its counter. */
async function requestsOf(evenkeel: Evenkeel): Promise<number> {
  const metrics = await (await evenkeel.admin("/metrics")).text();
  return Number(/^evenkeel_upstream_requests_total\{upstream="app"\} (\d+)$/m.exec(metrics)?.[1]);
}

for (const [checked, upstream] of [
  ["unchecked", {}],
  ["checked", { health_check: { path: "/" } }],
] as const) {
  test(`all ${checked} endpoints replaced under load: no request fails`, deadline, async (t) => {
    await using stack = new AsyncDisposableStack();
    const old = await startOrigins(stack, "ab");
    const fresh = await startOrigins(stack, "xy");
    for (const origin of [...old, ...fresh]) origin.set({ delayMs: 20 });
    const using = (list: Origin[]): object =>
      scene({ endpoints: list.map((one) => one.address), upstream });
    await using evenkeel = await startEvenkeel({ config: using(old), t });
    const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 500 });
    for (const list of [fresh, old, fresh]) {
      await sentMore(load, 150);
      await reloadAndWait(evenkeel, using(list));
    }
    const switched = load.sent;
    await sentMore(load, 150);
    const run = await load.stop();
    t.diagnostic(summary(run));
    assert.deepEqual(run.failures, []);
    const late = run.outcomes.filter(({ dueMs }) => dueMs > (switched + 50) * 2);
    assert.ok(late.length > 50);
    assert.deepEqual(Object.keys(tally(late.map(({ origin }) => origin ?? ""))).sort(), ["x", "y"]);
    await waitFor("the old ones' connections to close", () =>
      old.every(({ openConnections }) => openConnections === 0),
    );
  });
}

test("listeners come and go; those that stay do not notice", deadline, async (t) => {
  await using a = await startOrigin({ name: "a" });
  const config = (...names: string[]): object => ({
    listeners: Object.fromEntries(names.map((name) => [name, `127.0.0.1:{{port:${name}}}`])),
    routes: [{ upstream: "app" }],
    upstreams: { app: { endpoints: [a.address] } },
  });
  await using evenkeel = await startEvenkeel({ config: config("web"), t });
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 300 });
  await reloadAndWait(evenkeel, config("web", "extra"));
  const asksExtra = async (): Promise<number> =>
    (await exchange(evenkeel.port("extra"), GET)).status;
  await waitFor("the new listener", async () => (await asksExtra()) === 200);
  await using kept = await connectRaw(evenkeel.port("extra"));
  kept.send(GET);
  await kept.readResponse();
  await reloadAndWait(evenkeel, config("web"));
  assert.equal(await kept.closed(), "end");
  await assert.rejects(connectRaw(evenkeel.port("extra")), /ECONNREFUSED/);
  await reloadAndWait(evenkeel, config("extra", "web"));
  await waitFor("the listener again", async () => (await asksExtra()) === 200);
  const run = await load.stop();
  t.diagnostic(summary(run));
  assert.deepEqual(run.failures, []);
});

test(
  "an address that is taken is refused, whether a listener's or the admin's",
  deadline,
  async (t) => {
    await using taken = await startOrigin();
    const config = (web: string[], admin: string): object => ({
      listeners: { web: { bind: web } },
      routes: [{ respond: { body: "ok" } }],
      admin: { bind: admin },
    });
    const [web, admin] = ["127.0.0.1:{{port:web}}", "127.0.0.1:{{port:admin}}"];
    await using evenkeel = await startEvenkeel({ config: config([web], admin), t });
    const wrong = [config([web, taken.address], admin), config([web], taken.address)];
    for (const [index, refused] of wrong.entries()) {
      await evenkeel.reload(refused);
      const status = await waitFor("the refusal", async () => {
        const now = await statusOf(evenkeel);
        return now.config.reloads_refused === index + 1 ? now : undefined;
      });
      assert.match(status.config.problems.join(), new RegExp(`${taken.address}.*in use`));
      assert.deepEqual([status.ready, status.config.version], [true, 1]);
      assert.equal((await ask(evenkeel)).text, "ok");
    }
    // The same port for every address is its own: no reason to refuse. The admin address moves.
    await evenkeel.reload(config(["0.0.0.0:{{port:web}}"], "127.0.0.1:{{port:admin2}}"));
    const moved = await waitFor("the admin's new address", async () => {
      const answer = await fetch(`${evenkeel.url("admin2")}/status`);
      const now = (await answer.json()) as StatusDocument;
      return now.proxies.every((one) => one.snapshot_version === 2) ? now : undefined;
    });
    assert.equal(moved.config.last_reload_ok, true);
    await assert.rejects(evenkeel.admin("/healthz"), /fetch failed/);
    await waitFor("the moved listener", async () => {
      const local = { port: evenkeel.port("web"), host: "127.0.0.2" };
      return (await exchange(local, GET)).text === "ok";
    });
  },
);

test("a reload that moves the admin address is answered at the old one", deadline, async (t) => {
  const config = (admin: string): object => ({
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [{ respond: { body: "ok" } }],
    admin: { bind: `127.0.0.1:{{port:${admin}}}` },
  });
  await using evenkeel = await startEvenkeel({ config: config("admin"), t });
  for (const [from, to] of [
    ["admin", "admin2"],
    ["admin2", "admin"],
  ] as const) {
    await evenkeel.rewrite(config(to));
    const { code, stdout, stderr } = await command("reload", "--admin", evenkeel.url(from));
    assert.deepEqual([code, stderr], [0, ""]);
    const addresses = [from, to].map((name) => `127.0.0.1:${evenkeel.port(name)}`);
    assert.equal(stdout.trim(), `admin.bind ${addresses.join(" → ")}`);
    const status = await fetch(`${evenkeel.url(to)}/status`);
    assert.equal(status.status, 200);
    await assert.rejects(fetch(`${evenkeel.url(from)}/status`), /fetch failed/);
  }
});

test("50 reloads in a row under load: no failure, nothing left behind", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "abc");
  const pair = (index: number): object =>
    scene({
      endpoints: [all[index % 3]!.address, all[(index + 1) % 3]!.address],
      upstream: { balance: index % 2 ? "least_conn" : "round_robin" },
      route: { response_headers: { set: { "X-Version": `v${index}` } } },
    });
  await using evenkeel = await startEvenkeel({ config: pair(0), t });
  for (let index = 1; index <= 10; index++) await reloadAndWait(evenkeel, pair(index));
  const before = { files: openFiles(evenkeel.pid), bytes: residentBytes(evenkeel.pid) };
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 400 });
  await sentMore(load, 200);
  for (let index = 11; index <= 60; index++) await reloadAndWait(evenkeel, pair(index));
  const run = await load.stop();
  // A few idle connections, to the origins and of this test's admin client, may be left.
  await waitFor("as few open files as before", () => openFiles(evenkeel.pid) <= before.files + 12, {
    withinMs: 10_000,
  });
  const after = { files: openFiles(evenkeel.pid), bytes: residentBytes(evenkeel.pid) };
  const grownMiB = (after.bytes - before.bytes) / (1 << 20);
  t.diagnostic(summary(run));
  t.diagnostic(`files ${before.files} to ${after.files}, memory ${grownMiB.toFixed(1)} MiB more`);
  assert.deepEqual(run.failures, []);
  assert.equal((await ask(evenkeel)).header("x-version"), "v60");
  // 50 snapshots of nothing much: anything kept per reload would be a leak of the heap's size.
  assert.ok(grownMiB < 60, `${grownMiB} MiB more`);
  assert.deepEqual(tally(await askedOrigins(evenkeel, 4)), { a: 2, b: 2 });
  await inState(evenkeel, all[0]!.address, "healthy");
});
