/** What an operator sees: table, metrics, status, log and explanation, against what clients saw. */
import assert from "node:assert/strict";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import * as fc from "fast-check";

import { readDesired } from "../../packages/evenkeel/src/cli/check.ts";
import { explainRequest } from "../../packages/evenkeel/src/cli/explain.ts";
import { parseRequest } from "../../packages/evenkeel/src/cli/request-line.ts";
import { type Evenkeel, startEvenkeel } from "../support/evenkeel.ts";
import { runOpenLoop, startOpenLoop } from "../support/open-loop.ts";
import type { Origin } from "../support/origin.ts";
import { exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { parseMetrics } from "./testing/prometheus.ts";
import {
  ask,
  command,
  operate,
  scene,
  sentMore,
  startOrigins,
  statusOf,
  summary,
  tally,
} from "./testing/scene.ts";

const deadline = { timeout: 60_000 };

/** Answers `/status/N` with N. */
const asAsked = {
  respond: ({ target }: { target: string }) => {
    const status = /^\/status\/(\d+)/.exec(target)?.[1];
    return status === undefined ? undefined : { status: Number(status) };
  },
};

test("metrics and status add up to what the clients counted", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "ab");
  for (const origin of all) origin.set(asAsked);
  await using evenkeel = await startEvenkeel({
    config: {
      listeners: { web: "127.0.0.1:{{port:web}}" },
      routes: [
        { name: "app", upstream: "app" },
        { name: "fixed", path: "/fixed", respond: { body: "ok" } },
        { name: "closed", path: "/closed", respond: 200, deny: "0.0.0.0/0" },
      ],
      upstreams: { app: { endpoints: all.map(({ address }) => address), ejection: "off" } },
    },
    t,
  });
  const run = await runOpenLoop({
    url: evenkeel.url("web"),
    ratePerSecond: 400,
    durationMs: 1_500,
    paths: ["/", "/", "/status/404", "/fixed", "/", "/status/500", "/closed", "/"],
  });
  t.diagnostic(summary(run));
  await waitFor("nothing in flight", async () => {
    const { proxies } = await statusOf(evenkeel);
    return proxies.every((one) => one.requests_in_flight === 0);
  });
  const answer = await evenkeel.admin("/metrics");
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const metrics = parseMetrics(await answer.text());
  const { byStatus, byOrigin, sent } = run;
  const count = (status: number): number => byStatus[String(status)] ?? 0;
  assert.equal(sent, 600);
  const fixed = sent / 8;
  assert.deepEqual(byStatus, { 200: 5 * fixed, 403: fixed, 404: fixed, 500: fixed });

  const route = (name: string, code: string): number =>
    metrics.sum("evenkeel_route_requests_total", { route: name, code });
  assert.equal(route("app", "2xx"), count(200) - fixed);
  assert.equal(route("app", "4xx"), count(404));
  assert.equal(route("app", "5xx"), count(500));
  assert.equal(route("fixed", "2xx"), fixed);
  assert.equal(route("closed", "4xx"), count(403));
  assert.equal(metrics.sum("evenkeel_route_requests_started_total"), sent);
  assert.equal(metrics.sum("evenkeel_route_duration_seconds_count"), sent);
  const forwarded = sent - 2 * fixed;
  assert.equal(metrics.sum("evenkeel_upstream_requests_total"), forwarded);
  assert.equal(metrics.sum("evenkeel_upstream_failed_attempts_total"), 0);
  assert.equal(metrics.sum("evenkeel_upstream_failed_requests_total"), 0);
  assert.equal(metrics.sum("evenkeel_endpoint_attempts_total"), forwarded);
  assert.equal(metrics.sum("evenkeel_endpoint_requests_total"), forwarded);
  all.forEach(({ address, requests }, index) => {
    const attempts = metrics.sum("evenkeel_endpoint_attempts_total", { endpoint: address });
    assert.equal(attempts, requests.length);
    assert.equal(attempts, byOrigin["ab"[index]!]);
  });
  const reason = { reason: "address_denied" };
  assert.equal(metrics.sum("evenkeel_refused_requests_total", reason), count(403));
  assert.equal(metrics.sum("evenkeel_refused_requests_total"), count(403));
  assert.equal(metrics.sum("evenkeel_upstream_in_flight"), 0);
  // What a request's body carries is counted in bytes: every origin's answer is its name and LF.
  assert.equal(metrics.sum("evenkeel_route_sent_bytes_total", { route: "app" }), 2 * forwarded);

  const status = await statusOf(evenkeel);
  const [upstream] = status.upstreams;
  assert.ok(upstream!.rate > 0 && upstream!.p50_ms !== null && upstream!.p99_ms !== null);
  assert.deepEqual(
    upstream!.endpoints.map(({ name, state }) => [name, state]),
    all.map(({ address }) => [address, "healthy"]),
  );
});

test("the table of evenkeel status is aligned and complete", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const [a, b, c] = (await startOrigins(stack, "abc")) as [Origin, Origin, Origin];
  await using evenkeel = await startEvenkeel({
    config: scene({ endpoints: [a.address, b.address, { address: c.address, backup: true }] }),
    t,
  });
  await operate(evenkeel, "drain", "app", b.address);
  for (let index = 0; index < 5; index++) await ask(evenkeel);
  const lines = (await operate(evenkeel, "status")).split("\n");
  t.diagnostic(`\n${lines.join("\n")}`);
  assert.match(lines[0]!, /^evenkeel \S+ {2}ready {2}up .* \d+ of \d+ proxies/);
  const head = lines.findIndex((line) => line.startsWith("UPSTREAM"));
  const column = lines[head]!.indexOf("ENDPOINT");
  const rows = lines.slice(head + 1, head + 4);
  assert.ok(rows[0]!.startsWith("app"));
  for (const [index, name] of [a.address, b.address, `${c.address} (backup)`].entries()) {
    assert.equal(rows[index]!.slice(column, column + name.length), name);
  }
  const state = lines[head]!.indexOf("STATE");
  assert.deepEqual(
    rows.map((row) => row.slice(state).split(/ {2,}/)[0]),
    ["healthy", "draining", "healthy"],
  );
  assert.match(rows[1]!, /drained by the operator$/);
  const json = JSON.parse(await operate(evenkeel, "status", "--json")) as object;
  assert.deepEqual(Object.keys(json), Object.keys(await statusOf(evenkeel)));
  const wrong = await command("drain", "app", "1.2.3.4:5", "--admin", evenkeel.url("admin"));
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /1\.2\.3\.4:5/);
});

interface Line {
  readonly target: string;
  readonly status: number;
  readonly [key: string]: unknown;
}

function linesOf(evenkeel: Evenkeel, name: string): Line[] {
  const text = readFileSync(join(evenkeel.dir, name), "utf8");
  assert.ok(text === "" || text.endsWith("\n"), `${name} ends within a line`);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

test("every request is logged exactly once, also while the log is rotated", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "ab");
  for (const origin of all) origin.set(asAsked);
  await using evenkeel = await startEvenkeel({
    config: scene({
      endpoints: all.map(({ address }) => address),
      upstream: { ejection: "off" },
      top: { access_log: { format: "json", path: "access.log" }, service_name: "shop" },
    }),
    t,
  });
  const paths = Array.from({ length: 4_000 }, (_, index) =>
    index % 7 === 0 ? `/status/404?${index}` : `/status/200?${index}`,
  );
  const load = startOpenLoop({ url: evenkeel.url("web"), ratePerSecond: 500, paths });
  for (let turn = 1; turn <= 3; turn++) {
    await sentMore(load, 250);
    renameSync(join(evenkeel.dir, "access.log"), join(evenkeel.dir, `access.log.${turn}`));
    evenkeel.signal("SIGUSR1");
    await waitFor("the new file", () => linesOf(evenkeel, "access.log").length > 0);
  }
  await sentMore(load, 100);
  const run = await load.stop();
  assert.deepEqual(await evenkeel.stop(), { code: 0, signal: null });
  const files = ["access.log.1", "access.log.2", "access.log.3", "access.log"];
  const lines = files.map((name) => linesOf(evenkeel, name));
  t.diagnostic(`${summary(run)}; lines ${lines.map(({ length }) => length).join(", ")}`);
  for (const part of lines) assert.ok(part.length > 50);
  const logged = new Map(lines.flat().map((line) => [line.target, line]));
  assert.equal(lines.flat().length, run.sent);
  assert.equal(logged.size, run.sent);
  for (const target of paths.slice(0, run.sent)) {
    assert.equal(logged.get(target)?.status, target.startsWith("/status/404") ? 404 : 200, target);
  }
  const traces = new Set(lines.flat().map((line) => line["trace_id"]));
  assert.equal(traces.size, run.sent);
  const one = logged.get(paths[1]!)!;
  assert.deepEqual(
    [one["level"], one["service_name"], one["upstream"], one["attempts"], one["reason"]],
    ["info", "shop", "app", 1, ""],
  );
  assert.ok(all.some(({ address }) => address === one["endpoint"]));
  assert.equal(tally(lines.flat().map((line) => String(line.status)))["404"], run.byStatus["404"]);
});

test("explain knows refusals, clients behind proxies, cookies, redirects", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "ab");
  await using evenkeel = await startEvenkeel({
    config: {
      listeners: { web: { bind: "127.0.0.1:{{port:web}}", limits: { request_line: 200 } } },
      trusted_proxies: "127.0.0.1",
      sticky_secret: "hush",
      routes: [
        { path: "/in/", allow: "10.0.0.0/8", upstream: "app" },
        { path: "/short/", limits: { uri: 20 }, upstream: "app" },
        { path: "/old/", redirect: { status: 301, replace_prefix: "/new/" } },
        { upstream: "app" },
      ],
      upstreams: {
        app: { endpoints: all.map(({ address }) => address), sticky: "c", balance: "first" },
      },
    },
    t,
  });
  const { snapshot } = readDesired(evenkeel.configFile).desired;
  const cookieOf = async (): Promise<string> => {
    await operate(evenkeel, "drain", "app", all[0]!.address);
    const answer = await ask(evenkeel);
    await operate(evenkeel, "undrain", "app", all[0]!.address);
    return /c=[^;]+/.exec(answer.header("set-cookie") ?? "")![0];
  };
  const cookie = await cookieOf();
  for (const [path, headers, status, said] of [
    ["/in/", ["X-Forwarded-For: 203.0.113.9, 10.1.1.1"], 200, "endpoint"],
    ["/in/", ["X-Forwarded-For: 10.1.1.1, 203.0.113.9"], 403, "access"],
    ["/in/", [], 403, "access"],
    ["/", ['Forwarded: for="10.1.1.1'], 400, "client"],
    ["/short/8901234567890", [], 200, "endpoint"],
    ["/short/89012345678901", [], 414, "limit"],
    [`/${"x".repeat(185)}`, [], 200, "endpoint"],
    [`/${"x".repeat(187)}`, [], 414, "limit"],
    ["/old/x?y=1", ["X-Forwarded-Proto: https"], 301, "action"],
    ["/", [`Cookie: ${cookie}`], 200, "endpoint"],
    ["/", [`Cookie: ${cookie}x`], 200, "endpoint"],
  ] as const) {
    const name = `${path.slice(0, 30)} ${headers.join()}`;
    const line = `GET http://shop.example:81${path}`;
    const asked = parseRequest({
      request: line,
      header: headers,
      client: "127.0.0.1",
      listener: "web",
    });
    const lines = explainRequest(snapshot, asked, { status: undefined, knowsStickySecret: true });
    const head = [`GET ${path} HTTP/1.1`, "Host: shop.example:81", ...headers, "", ""].join("\r\n");
    const answer = await exchange(evenkeel.port("web"), head);
    assert.equal(answer.status, status, name);
    const text = lines.find((one) => one.startsWith(said)) ?? assert.fail(lines.join("\n"));
    if (said === "endpoint") {
      const origin = all["ab".indexOf(answer.header("x-origin") ?? "")];
      assert.ok(text.includes(`${origin?.address}:`), `${name}: ${text}`);
    } else if (said === "action") {
      assert.ok(text.endsWith(` to ${answer.header("location")}`), text);
    } else assert.ok(text.includes(`the answer is ${status}`), text);
  }
});

test("explain says what the running balancer then does", deadline, async (t) => {
  await using stack = new AsyncDisposableStack();
  const all = await startOrigins(stack, "abcd");
  const [a, b, c, d] = all.map(({ address }) => address);
  const named = (name: string): object => ({
    name,
    response_headers: { set: { "X-Route": name } },
  });
  const config = {
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [
      { ...named("shop"), host: "shop.example", upstream: "hashed" },
      { ...named("shop-api"), host: "shop.example", path: "/api", upstream: "lone" },
      { ...named("shop-post"), host: "shop.example", method: "POST", upstream: "lone" },
      { ...named("any-shop"), host: "*.shop.example", upstream: "hashed" },
      { ...named("beta"), headers: { "x-beta": "1" }, upstream: "first" },
      { ...named("exact"), path: { exact: "/api/v1" }, upstream: "first" },
      { ...named("regex"), path: { regex: "^/api/v[0-9]+/" }, respond: 204 },
      { ...named("asked"), path: "/api", query: { q: { present: true } }, upstream: "lone" },
    ],
    upstreams: {
      hashed: {
        endpoints: [a, b, c, d],
        balance: { policy: "hash", key: ["header:X-User", "path"] },
      },
      lone: { endpoints: [b] },
      first: { endpoints: [c, d], balance: "first" },
    },
  };
  await using evenkeel = await startEvenkeel({ config, t });
  await operate(evenkeel, "eject", "hashed", a!);
  await operate(evenkeel, "eject", "first", c!);
  const { snapshot } = readDesired(evenkeel.configFile).desired;
  const status = await statusOf(evenkeel);
  const seen = new Set<string>();

  const request = fc.record({
    method: fc.constantFrom("GET", "POST", "HEAD"),
    host: fc.constantFrom("shop.example", "eu.shop.example", "a.eu.shop.example", "other.example"),
    path: fc.constantFrom(
      "/",
      "/api",
      "/api/v1",
      "/api/v2/x",
      "/apix",
      "/x?q=1",
      "/api/y?q",
      "/u/7",
    ),
    headers: fc.subarray(["X-Beta: 1", "X-User: ann", "X-Other: 1"]),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, host, path, headers }) => {
      const asked = parseRequest({
        request: `${method} http://${host}${path}`,
        header: headers,
        client: "127.0.0.1",
        listener: "web",
      });
      const lines = explainRequest(snapshot, asked, { status, knowsStickySecret: true });
      const said = (word: string): string | undefined =>
        lines.find((line) => line.startsWith(word))?.replace(/^\S+ +/, "");
      const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, ...headers, "", ""].join("\r\n");
      const answer = await exchange(evenkeel.port("web"), head, { method });
      const route = said("route")?.split(": ")[0];
      seen.add(route ?? "");
      if (route === "none") return assert.equal(answer.status, 404);
      assert.equal(answer.header("x-route"), route, lines.join("\n"));
      const endpoint = /^\S+:\d+/.exec(said("endpoint") ?? "")?.[0];
      const origin = answer.header("x-origin");
      assert.equal(origin && all["abcd".indexOf(origin)]?.address, endpoint, lines.join("\n"));
    }),
    { numRuns: 200, seed: 7 },
  );
  t.diagnostic(`routes seen: ${[...seen].sort().join(" ")}`);
  assert.equal(seen.size, 9);

  const cli = await command(
    "explain",
    "-c",
    evenkeel.configFile,
    "--admin",
    evenkeel.url("admin"),
    "--request",
    "GET http://other.example/api/v1",
  );
  assert.equal(cli.code, 0, cli.stderr);
  assert.match(cli.stdout, new RegExp(`^endpoint  ${d}:`, "m"));
  assert.match(cli.stdout, new RegExp(`${c} .*ejected by operator`));
});
