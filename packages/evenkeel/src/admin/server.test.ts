import { quietHealing } from "../telemetry/testing/quiet-healing.ts";
import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { createBoard } from "../board/board.ts";
import { desire } from "../config/testing/configure.ts";
import type { EndpointHealth, OperatorCommand } from "../health/contract.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { createLog } from "../telemetry/log.ts";
import { createWindow } from "../telemetry/window.ts";
import type { AdminActions, ReloadOutcome } from "./actions.ts";
import { buildRoutes } from "./routes.ts";
import { createAdminServer } from "./server.ts";
import { buildStatus, type StatusDocument } from "./status.ts";

const snapshot = {
  version: 4,
  listeners: [],
  routes: desire("{ listeners: { web: 1 }, routes: [{ respond: { status: 204 } }] }").snapshot
    .routes,
  upstreams: [
    {
      name: "api",
      slot: 0,
      balance: { policy: "least_conn" },
      endpoints: [{ name: "10.0.0.1:80", slot: 1, backup: false }],
    },
  ],
} as unknown as Snapshot;

const health: EndpointHealth = {
  upstream: "api",
  endpoint: "10.0.0.1:80",
  slot: 1,
  state: "ejected",
  reason: "5 failures in a row",
  sinceMs: 1_000,
  untilMs: 31_000,
  available: false,
  weight: 0.5,
  configuredWeight: 1,
  operatorWeight: undefined,
  signal: undefined,
  lastCheck: { passed: false, atMs: 900, tookMs: 1.25, detail: "refused" },
  timesEjected: 2,
  ejections: 7,
};

interface Fixture {
  readonly port: number;
  readonly commands: [string, string, OperatorCommand][];
  readonly lines: string[];
  readonly set: { ready: boolean; token: string | undefined; reload: ReloadOutcome };
}

async function start(t: TestContext): Promise<Fixture> {
  const commands: Fixture["commands"] = [];
  const lines: string[] = [];
  const set: Fixture["set"] = {
    ready: true,
    token: undefined,
    reload: { outcome: "accepted", changes: ["route x added"], problems: [] },
  };
  const board = createBoard(1);
  const activity = createWindow(5000, 13, 0);
  const status = (windowMs: number): StatusDocument =>
    buildStatus({
      board,
      snapshot,
      health: [health],
      panicking: [],
      proxies: [],
      healing: quietHealing,
      facts: {
        version: "0.1.0",
        startedAtMs: 0,
        configVersion: 4,
        reloadsAccepted: 0,
        reloadsRefused: 0,
        lastReloadOk: true,
        lastReloadAtMs: 0,
        proxyRestarts: 0,
        controlRestarts: 0,
      },
      readiness: { ready: set.ready, reason: "ready" },
      configFile: "evenkeel.yaml",
      problems: [],
      activity,
      windowMs,
      nowMs: 60_000,
    });
  const actions: AdminActions = {
    status,
    metrics: () => Promise.resolve({ contentType: "text/plain; version=0.0.4", text: "up 1\n" }),
    readiness: () => ({ ready: set.ready, reason: set.ready ? "ready" : "shutting down" }),
    snapshot: () => snapshot,
    health: () => [health],
    command(upstream, endpoint, command) {
      if (upstream !== "api" || endpoint !== "10.0.0.1:80") return false;
      commands.push([upstream, endpoint, command]);
      return true;
    },
    reload: () => Promise.resolve(set.reload),
  };
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: "info", thread: "control", destination });
  const server = createAdminServer({ actions, log, token: () => set.token });
  const { port } = await server.listen("127.0.0.1", 0);
  t.after(() => server.close());
  return { port, commands, lines, set };
}

interface Got {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function ask(
  port: number,
  method: string,
  path: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<Got> {
  const headers = options.headers ?? {};
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false });
  request.end(options.body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response as AsyncIterable<Buffer>) body += chunk.toString();
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

const endpoint = "/upstreams/api/endpoints/10.0.0.1%3A80";

test("status tells all there is to know of an endpoint", async (t) => {
  const { port } = await start(t);
  const { status, headers, body } = await ask(port, "GET", "/status");
  assert.equal(status, 200);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["cache-control"], "no-store");
  const document = JSON.parse(body) as StatusDocument;
  assert.equal(document.upstreams[0]!.policy, "least_conn");
  assert.deepEqual(document.upstreams[0]!.endpoints[0], {
    name: "10.0.0.1:80",
    state: "ejected",
    reason: "5 failures in a row",
    since: "1970-01-01T00:00:01.000Z",
    until: "1970-01-01T00:00:31.000Z",
    available: false,
    backup: false,
    weight: 0.5,
    configured_weight: 1,
    operator_weight: null,
    in_flight: 0,
    times_ejected: 2,
    rate: 0,
    error_ratio: 0,
    p50_ms: null,
    p99_ms: null,
    last_check: {
      passed: false,
      at: "1970-01-01T00:00:00.900Z",
      took_ms: 1.25,
      detail: "refused",
    },
  });
});

test("the window can be chosen, within its bound", async (t) => {
  const { port } = await start(t);
  const { body } = await ask(port, "GET", "/status?window=60");
  assert.equal((JSON.parse(body) as StatusDocument).window_s, 60);
  for (const wrong of ["0", "61", "x"]) {
    assert.equal((await ask(port, "GET", `/status?window=${wrong}`)).status, 400);
  }
});

test("live, ready and not ready", async (t) => {
  const { port, set } = await start(t);
  assert.equal((await ask(port, "GET", "/healthz")).status, 200);
  assert.equal((await ask(port, "GET", "/readyz")).status, 200);
  set.ready = false;
  const { status, body } = await ask(port, "GET", "/readyz");
  assert.equal(status, 503);
  assert.equal(body, "shutting down\n");
  assert.equal((await ask(port, "GET", "/healthz")).status, 200);
});

test("metrics come with their content type", async (t) => {
  const { port } = await start(t);
  const { headers, body } = await ask(port, "GET", "/metrics");
  assert.equal(headers["content-type"], "text/plain; version=0.0.4");
  assert.equal(body, "up 1\n");
});

test("every command reaches the health table and the audit log", async (t) => {
  const { port, commands, lines } = await start(t);
  for (const kind of ["drain", "undrain", "eject", "restore"]) {
    const { status, body } = await ask(port, "POST", `${endpoint}/${kind}`);
    assert.equal(status, 200, body);
  }
  await ask(port, "PUT", `${endpoint}/weight`, { body: '{"weight": 7}' });
  await ask(port, "PUT", `${endpoint}/weight`, { body: '{"weight": null}' });
  assert.deepEqual(
    commands.map(([, , command]) => command),
    [
      { kind: "drain" },
      { kind: "undrain" },
      { kind: "eject" },
      { kind: "restore" },
      { kind: "weight", weight: 7 },
      { kind: "weight", weight: undefined },
    ],
  );
  const audit = lines
    .map((line) => JSON.parse(line) as { audit?: boolean; path: string; weight?: unknown })
    .filter((line) => line.audit === true);
  assert.deepEqual(
    audit.map(({ path, weight }) => [path.slice(endpoint.length + 1), weight]),
    [
      ...["drain", "undrain", "eject", "restore"].map((kind) => [kind, undefined]),
      ["weight", 7],
      ["weight", "default"],
    ],
  );
});

const wrongWeights = [
  "",
  "{}",
  "[]",
  "7",
  '{"weight": "7"}',
  '{"weight": -1}',
  '{"weight": 65536}',
];
for (const body of [...wrongWeights, '{"weight": 1.5}', "{", '{"weight": true}']) {
  test(`a weight of ${body || "nothing"} is refused`, async (t) => {
    const { port, commands } = await start(t);
    assert.equal((await ask(port, "PUT", `${endpoint}/weight`, { body })).status, 400);
    assert.deepEqual(commands, []);
  });
}

test("routes are told in their own shape", async (t) => {
  const { port } = await start(t);
  const { status, body } = await ask(port, "GET", "/routes");
  assert.equal(status, 200);
  const { routes } = JSON.parse(body) as { routes: object[] };
  assert.deepEqual(routes, buildRoutes(snapshot));
  assert.equal(routes.length, 1);
});

test("an unknown endpoint's answer names those there are", async (t) => {
  const { port } = await start(t);
  const one = await ask(port, "POST", "/upstreams/api/endpoints/10.0.0.9%3A80/drain");
  assert.equal(one.status, 404);
  assert.match(one.body, /10\.0\.0\.9:80.*there is: 10\.0\.0\.1:80/);
  const other = await ask(port, "POST", "/upstreams/apy/endpoints/x/drain");
  assert.match(other.body, /apy.*there is: api/);
});

test("reload answers what changed, or 422 with what is wrong", async (t) => {
  const { port, set } = await start(t);
  const accepted = await ask(port, "POST", "/reload");
  assert.equal(accepted.status, 200);
  assert.deepEqual(JSON.parse(accepted.body), set.reload);
  set.reload = { outcome: "refused", changes: [], problems: ["x.yaml:1:1 bad"] };
  assert.equal((await ask(port, "POST", "/reload")).status, 422);
});

test("nothing at a path, a wrong method, a stray percent sign", async (t) => {
  const { port } = await start(t);
  assert.equal((await ask(port, "GET", "/nothing")).status, 404);
  const wrong = await ask(port, "DELETE", "/status");
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.allow, "GET, HEAD");
  assert.equal((await ask(port, "GET", `${endpoint}/drain`)).headers.allow, "POST");
  assert.equal((await ask(port, "POST", "/upstreams/api/endpoints/%zz/drain")).status, 404);
});

test("HEAD answers without a body", async (t) => {
  const { port } = await start(t);
  const { status, headers, body } = await ask(port, "HEAD", "/status");
  assert.equal(status, 200);
  assert.ok(Number(headers["content-length"]) > 100);
  assert.equal(body, "");
});

test("a token is asked for, and a changed one counts at once", async (t) => {
  const { port, set, commands } = await start(t);
  set.token = "s3cret";
  const refused = await ask(port, "POST", `${endpoint}/drain`);
  assert.equal(refused.status, 401);
  assert.match(refused.headers["www-authenticate"] ?? "", /Bearer/);
  assert.deepEqual(commands, []);
  const headers = { authorization: "Bearer s3cret" };
  assert.equal((await ask(port, "POST", `${endpoint}/drain`, { headers })).status, 200);
  set.token = "other";
  assert.equal((await ask(port, "GET", "/status", { headers })).status, 401);
});

test("a foreign page and a rebound name are refused before anything happens", async (t) => {
  const { port, commands } = await start(t);
  const foreign = { origin: "http://evil.example" };
  assert.equal((await ask(port, "POST", `${endpoint}/eject`, { headers: foreign })).status, 403);
  const rebound = { host: `evil.example:${port}` };
  assert.equal((await ask(port, "POST", `${endpoint}/eject`, { headers: rebound })).status, 421);
  assert.deepEqual(commands, []);
});

test("a body beyond the bound is refused and the connection closed", async (t) => {
  const { port } = await start(t);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(
    `PUT ${endpoint}/weight HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n`,
  );
  socket.write("x".repeat(20_000));
  let answer = "";
  socket.on("data", (data) => (answer += data.toString()));
  await once(socket, "close");
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test("a failing action is a 500 without internals, and a log line", async (t) => {
  const { lines } = await start(t);
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ level: "info", thread: "control", destination });
  const actions = {
    readiness: () => {
      throw new Error("secret detail");
    },
  } as unknown as AdminActions;
  const server = createAdminServer({ actions, log, token: () => undefined });
  const { port } = await server.listen("127.0.0.1", 0);
  t.after(() => server.close());
  const { status, body } = await ask(port, "GET", "/readyz");
  assert.equal(status, 500);
  assert.ok(!body.includes("secret detail"));
  assert.ok(lines.some((line) => line.includes("secret detail")));
});

/** A server whose reload takes until the test lets it go on. */
async function startSlow() {
  const { promise, resolve } = Promise.withResolvers<ReloadOutcome>();
  const begun = Promise.withResolvers<void>();
  const actions = {
    reload: () => {
      begun.resolve();
      return promise;
    },
  } as unknown as AdminActions;
  const log = createLog({ level: "error", thread: "control" });
  const server = createAdminServer({ actions, log, token: () => undefined });
  const { port } = await server.listen("127.0.0.1", 0);
  const finish = (): void => resolve({ outcome: "unchanged", changes: [], problems: [] });
  return { server, port, begun: begun.promise, finish };
}

test("who retires answers what is under way, and takes nothing more", async () => {
  const { server, port, begun, finish } = await startSlow();
  const agent = new Agent({ keepAlive: true });
  const path = "/reload";
  const request = httpRequest({ host: "127.0.0.1", port, method: "POST", path, agent });
  request.end();
  await begun;
  const retired = server.retire(60_000);
  await assert.rejects(ask(port, "GET", "/healthz"), { code: "ECONNREFUSED" });
  finish();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  assert.deepEqual([response.statusCode, response.headers.connection], [200, "close"]);
  response.resume();
  await retired;
  agent.destroy();
});

test("who retires waits so long and no longer", async () => {
  const { server, port, begun } = await startSlow();
  const answer = ask(port, "POST", "/reload");
  await Promise.all([
    begun,
    assert.rejects(answer, { code: "ECONNRESET" }),
    begun.then(() => server.retire(1)),
  ]);
});

test("an address in use rejects with the system's code", async (t) => {
  const { port } = await start(t);
  const log = createLog({ level: "error", thread: "control" });
  const actions = {} as unknown as AdminActions;
  const second = createAdminServer({ actions, log, token: () => undefined });
  await assert.rejects(second.listen("127.0.0.1", port), { code: "EADDRINUSE" });
});
