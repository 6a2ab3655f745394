import { test, type TestContext } from "node:test";
import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { capacity, createBoard } from "../board/board.ts";
import { SlotAllocator } from "../config/slots.ts";
import { desire } from "../config/testing/configure.ts";
import type { HealthTable, OperatorCommand } from "../health/contract.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { FromControl } from "../snapshot/messages.ts";
import { createLog } from "../telemetry/log.ts";
import { quietHealing } from "../telemetry/testing/quiet-healing.ts";
import type { HealingWorld } from "./healing.ts";
import type { ReadOutcome } from "./config-reader.ts";
import { createControl, type Control, type HealthCallbacks } from "./create-control.ts";
import type { Saved } from "./saved.ts";

const slots = new SlotAllocator().checkpoint();

function desiredWith(port: number, version: number, level: Desired["log"]["level"]): Desired {
  return {
    snapshot: {
      version,
      listeners: [],
      routes: [],
      upstreams: [],
      accessLog: undefined,
      viaName: "v",
      stickySecret: "s",
    },
    health: [],
    admin: { host: "127.0.0.1", port, token: undefined },
    log: { level, serviceName: "evenkeel" },
    workers: 2,
    shutdown: { graceMs: 1000 },
    stateDir: "/nowhere",
    history: { keepMs: 1, keepIncidents: 1 },
    processes: [],
    signals: { prometheus: undefined, metricHealth: [] },
    recovery: { plans: [], freeze: { runs: 5, windowMs: 1, unhealthyPercent: 50 } },
    alerts: { rules: [], receivers: [], routes: [], maintenance: [] },
    drills: [],
  };
}

interface Fixture {
  readonly control: Control;
  readonly posted: FromControl[];
  readonly applied: number[];
  readonly commands: OperatorCommand[];
  readonly port: number;
  readonly next: { outcome: (version: number) => ReadOutcome };
  readonly callbacks: () => HealthCallbacks;
  readonly world: () => HealingWorld;
  readonly lines: string[];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function build(t: TestContext, saved: Partial<Saved> = {}, port?: number): Promise<Fixture> {
  const adminPort = port ?? (await freePort());
  const posted: FromControl[] = [];
  const applied: number[] = [];
  const commands: OperatorCommand[] = [];
  const lines: string[] = [];
  let callbacks: HealthCallbacks | undefined;
  let world: HealingWorld | undefined;
  const next: Fixture["next"] = {
    outcome: (version) => ({
      ok: true,
      desired: desiredWith(adminPort, version, "warn"),
      slots,
      warnings: [],
    }),
  };
  const health: HealthTable = {
    apply: (upstreams) => void applied.push(upstreams.length),
    command(_upstream, _endpoint, command) {
      commands.push(command);
      return true;
    },
    list: () => [],
    panicking: () => [],
    process: () => true,
    signalWeight: () => true,
    signalEject: () => true,
    checkpoint: () => ({ drained: commands.length }),
    close: () => Promise.resolve(),
  };
  const control = createControl({
    board: createBoard(1),
    log: createLog({
      level: "info",
      thread: "control",
      destination: { write: (line: string) => void lines.push(line) },
    }),
    configFile: "x.yaml",
    startedAtMs: 0,
    version: "0.1.0",
    saved: {
      config: undefined,
      history: undefined,
      health: undefined,
      processes: undefined,
      ...saved,
    },
    first: { desired: desiredWith(adminPort, 1, "info"), slots, members: [] },
    read: (version) => next.outcome(version),
    describe: (before, after) => (before.log.level === after.log.level ? [] : ["log.level"]),
    createHealth(given) {
      callbacks = given;
      return health;
    },
    createHealing(given) {
      world = given;
      return {
        operations: () => [],
        facts: () => quietHealing,
        seize() {},
        apply() {},
        ready: Promise.resolve(),
        onHealthChange() {},
        received() {},
        stopProcesses: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
    },
    post: (message) => void posted.push(message),
  });
  t.after(() => control.close());
  const base = { control, posted, applied, commands, port: adminPort, next, lines };
  return { ...base, callbacks: () => callbacks!, world: () => world! };
}

const snapshots = (posted: readonly FromControl[]): number[] =>
  posted.flatMap((one) => (one.kind === "snapshot" ? [one.snapshot.version] : []));

test("a start judges health first, saves, publishes and answers", async (t) => {
  const { control, posted, applied, port } = await build(t);
  assert.equal(await control.start(), undefined);
  assert.deepEqual(applied, [0]);
  const [first, ...others] = posted;
  assert.deepEqual(others, []);
  assert.equal(first?.kind, "snapshot");
  const saved = { desired: desiredWith(port, 1, "info"), slots, members: [] };
  assert.deepEqual(first.kind === "snapshot" && first.saved, { part: "config", checkpoint: saved });
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 503);
  const facts = { worker: 0, startedAtMs: 0, restarts: 0, version: 1, listening: [], failed: [] };
  control.proxies({
    kind: "proxies",
    proxies: [{ ...facts, state: "running" }],
    controlRestarts: 0,
    draining: false,
  });
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
});

test("an accepted reload publishes the next version and says what changed", async (t) => {
  const { control, posted } = await build(t);
  await control.start();
  const { outcome, changes } = await control.reload();
  assert.deepEqual([outcome, changes], ["accepted", ["log.level"]]);
  assert.deepEqual(snapshots(posted), [1, 2]);
  assert.ok(posted.some((one) => one.kind === "settings" && one.settings.log.level === "warn"));
});

test("who debugs is told what a reload does", async (t) => {
  const { control, lines, next } = await build(t);
  await control.start();
  next.outcome = () => ({ ok: false, problems: ["x"] });
  await control.reload();
  assert.ok(!lines.some((line) => line.includes("reading x.yaml")));
  next.outcome = (version) => ({
    ok: true,
    desired: { ...desiredWith(0, version, "debug"), log: { level: "debug", serviceName: "shop" } },
    slots,
    warnings: [],
  });
  await control.reload();
  next.outcome = () => ({ ok: false, problems: ["x"] });
  await control.reload();
  const line = lines.find((one) => one.includes("reading x.yaml"));
  assert.match(line ?? "", /"level":"debug".*"service_name":"shop"/);
});

test("more instances than the board has rows for change nothing, and end nothing", async (t) => {
  const { control, posted, next, port, world, lines } = await build(t);
  await control.start();
  const members = Array.from({ length: capacity.endpoints }, (_, index) => ({
    upstream: "api",
    host: "127.0.0.1",
    port: index + 1,
    weight: 1,
  }));
  next.outcome = () => {
    const allocator = new SlotAllocator();
    const desired = desire('upstreams: { api: { endpoints: ["10.0.0.1:80"] } }', allocator);
    const admin = { host: "127.0.0.1", port, token: undefined };
    return {
      ok: true,
      desired: { ...desired, admin },
      slots: allocator.checkpoint(),
      warnings: [],
    };
  };
  world().changeMembers(members); // Of no upstream yet.
  const refused = await control.reload();
  assert.equal(refused.outcome, "refused");
  assert.match(refused.problems[0] ?? "", /no row left for so many new endpoints/);
  world().changeMembers(members.slice(0, 1));
  assert.equal((await control.reload()).outcome, "accepted");
  const before = snapshots(posted).length;
  world().changeMembers(members);
  assert.equal(snapshots(posted).length, before);
  assert.ok(lines.some((line) => line.includes("instances of processes are no endpoints")));
});

test("an unchanged file publishes nothing", async (t) => {
  const { control, posted, next, port } = await build(t);
  await control.start();
  next.outcome = (version) => ({
    ok: true,
    desired: desiredWith(port, version, "info"),
    slots,
    warnings: [],
  });
  assert.equal((await control.reload()).outcome, "unchanged");
  assert.deepEqual(snapshots(posted), [1]);
});

test("a change that the description has no word for is applied all the same", async (t) => {
  const { control, posted, next, port } = await build(t);
  await control.start();
  next.outcome = (version) => ({
    ok: true,
    desired: { ...desiredWith(port, version, "info"), shutdown: { graceMs: 5 } },
    slots,
    warnings: [],
  });
  assert.deepEqual((await control.reload()).changes, ["other settings changed"]);
  assert.deepEqual(snapshots(posted), [1, 2]);
});

test("a refused reload changes nothing and is remembered", async (t) => {
  const { control, posted, next, port, lines } = await build(t);
  await control.start();
  next.outcome = () => ({ ok: false, problems: ["x.yaml:1:1 no"] });
  assert.equal((await control.reload()).outcome, "refused");
  assert.deepEqual(snapshots(posted), [1]);
  const status = (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as {
    config: { problems: string[]; last_reload_ok: boolean; reloads_refused: number };
  };
  assert.deepEqual(status.config.problems, ["x.yaml:1:1 no"]);
  assert.equal(status.config.last_reload_ok, false);
  assert.ok(lines.some((line) => line.includes("x.yaml:1:1 no")));
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.ok(metrics.includes("evenkeel_config_last_reload_successful 0"));
});

test("an admin address that can't be had refuses the whole reload", async (t) => {
  const { control, posted, next, port } = await build(t);
  await control.start();
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const taken = (other.address() as AddressInfo).port;
  next.outcome = (version) => ({
    ok: true,
    desired: desiredWith(taken, version, "warn"),
    slots,
    warnings: [],
  });
  const { outcome, problems } = await control.reload();
  assert.equal(outcome, "refused");
  assert.match(problems[0]!, /EADDRINUSE/);
  assert.deepEqual(snapshots(posted), [1]);
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
});

test("a moved admin address answers in the new place and no longer in the old", async (t) => {
  const { control, next, port } = await build(t);
  await control.start();
  const moved = await freePort();
  next.outcome = (version) => ({
    ok: true,
    desired: desiredWith(moved, version, "warn"),
    slots,
    warnings: [],
  });
  assert.equal((await control.reload()).outcome, "accepted");
  assert.equal((await fetch(`http://127.0.0.1:${moved}/healthz`)).status, 200);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
});

test("reloads that come at once are done one after the other", async (t) => {
  const { control, posted } = await build(t);
  await control.start();
  const outcomes = await Promise.all([control.reload(), control.reload(), control.reload()]);
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ["accepted", "unchanged", "unchanged"],
  );
  assert.deepEqual(snapshots(posted), [1, 2]);
});

test("at the first start a taken admin address is a problem in plain words", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { control } = await build(t, {}, (other.address() as AddressInfo).port);
  assert.match((await control.start()) ?? "", /address in use/);
});

test("a successor waits for its predecessor's address", { timeout: 10_000 }, async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const config = { desired: desiredWith(port, 1, "info"), slots, members: [] };
  const { control, lines } = await build(t, { config }, port);
  assert.equal(await control.start(), undefined);
  const toldSo = (): boolean => lines.some((line) => line.includes("not back yet"));
  while (!toldSo()) await new Promise((resolve) => setImmediate(resolve));
  other.close();
  await once(other, "close");
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.status === 200) break;
  }
});

test("many changes of health are one checkpoint", async (t) => {
  const { control, posted, callbacks } = await build(t);
  await control.start();
  for (let change = 0; change < 100; change++) callbacks().onCheckpoint();
  await control.close();
  const saved = posted.filter((one) => one.kind === "checkpoint" && one.part === "health");
  assert.equal(saved.length, 1);
});

test("the operator's word is saved before it is confirmed", async (t) => {
  const { control, posted, callbacks, commands, port } = await build(t);
  await control.start();
  callbacks().onCheckpoint();
  const path = "/upstreams/a/endpoints/b/drain";
  await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST" });
  assert.equal(commands.length, 1);
  const saved = posted.findLast((one) => one.kind === "checkpoint" && one.part === "health");
  assert.deepEqual(saved?.kind === "checkpoint" && saved.checkpoint, { drained: 1 });
});

test("changes of health are told: bad ones as warnings", async (t) => {
  const { callbacks, lines } = await build(t);
  const change = { upstream: "api", endpoint: "a:1", reason: "why", atMs: 0 };
  callbacks().onChange({ ...change, from: "healthy", to: "ejected_by_operator" });
  callbacks().onChange({ ...change, from: "unhealthy", to: "healthy" });
  callbacks().onPanic({ upstream: "api", panicking: true });
  const told = lines.map((line) => JSON.parse(line) as { level: string; message: string });
  assert.deepEqual(
    told.map(({ level, message }) => [level, message]),
    [
      ["warn", "api: a:1 is ejected by operator"],
      ["info", "api: a:1 is healthy"],
      ["error", "panic: too few endpoints are left, those that were judged bad get traffic, too"],
    ],
  );
});
