import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { Outcome } from "./contract.ts";
import { createFakeWorld, type FakeWorld } from "./testing/fake-world.ts";
import { processSettings, restartSettings, servingSettings } from "./testing/settings.ts";

async function started(...settings: readonly ProcessSettings[]): Promise<FakeWorld> {
  const world = createFakeWorld();
  world.supervisor.apply(settings);
  await world.settle();
  await world.clock.advance(1000);
  world.did.length = 0;
  return world;
}

/** The outcome of an operation while time goes on, at most a minute. */
async function outcomeOf(world: FakeWorld, operation: Promise<Outcome>): Promise<string> {
  const found: Outcome[] = [];
  void operation.then((outcome) => found.push(outcome));
  await world.settle();
  for (let tenth = 0; tenth < 600; tenth++) {
    const [outcome] = found;
    if (outcome) return outcome.ok ? "ok" : outcome.problem;
    await world.clock.advance(100);
  }
  return "nothing came of it";
}

const two = servingSettings({ instances: 2 });

describe("a supervisor", () => {
  test("asks what lives before it starts anything", async () => {
    const world = createFakeWorld();
    assert.deepEqual(world.did, []);
    world.supervisor.apply([two]);
    assert.deepEqual(world.did, []);
    await world.settle();
    assert.deepEqual(world.did, [
      "launch api.1",
      "launch api.2",
      "ready 127.0.0.1:9001",
      "ready 127.0.0.1:9002",
    ]);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
    assert.deepEqual(world.members(), [
      { upstream: "front", host: "127.0.0.1", port: 9001, weight: 1, instance: "api.1" },
      { upstream: "front", host: "127.0.0.1", port: 9002, weight: 1, instance: "api.2" },
    ]);
  });

  test("tells the world of an exit before it does anything else, and starts it again", async () => {
    const world = await started(two);
    await world.exit("api.1");
    assert.deepEqual(world.did, ["stopped 127.0.0.1:9001"]);
    assert.equal(world.states(), "api.1 EXITED, api.2 READY");
    const [view] = world.supervisor.list();
    assert.equal(view?.nextStartAtMs, world.clock.nowMs() + 1000);
    assert.equal(view?.reason, "exited with 1");
    await world.clock.advance(1000);
    await world.settle();
    assert.deepEqual(world.did.slice(1), ["launch api.1", "ready 127.0.0.1:9001"]);
    assert.equal(world.supervisor.list()[0]?.restarts, 1);
    assert.deepEqual(
      world.events.filter(({ kind }) => kind === "died").map(({ instance }) => instance),
      ["api.1"],
    );
  });

  test("fills in what a child is started with", async () => {
    const world = await started(servingSettings({ env: { X: "{{process}}-{{instance}}" } }));
    const [child] = world.living.values();
    assert.deepEqual(child?.order.command, ["./api", "--port", "9001"]);
    assert.deepEqual(child?.order.env, {
      PATH: "/bin",
      PORT: "9001",
      EVENKEEL_INSTANCE: "api.1",
      X: "api-1",
    });
    assert.equal(child?.order.stdoutPath, "/logs/api.1.log");
  });

  test("tells a crash loop once and goes on slowly", async () => {
    const world = await started(two);
    for (let death = 0; death < 4; death++) {
      await world.exit("api.1");
      await world.clock.advance(2000);
    }
    assert.equal(world.states(), "api.1 FATAL, api.2 READY");
    await world.clock.advance(30_000);
    await world.settle();
    assert.equal(world.states(), "api.1 READY, api.2 READY");
    await world.exit("api.1");
    assert.equal(world.events.filter(({ kind }) => kind === "crash_loop").length, 1);
  });

  test("drains before it stops", async () => {
    const world = await started(servingSettings());
    let inFlight = 1;
    world.manners.inFlight = () => inFlight;
    const stopping = world.supervisor.stop("api");
    await world.clock.advance(500);
    assert.deepEqual(world.did, ["draining 127.0.0.1:9001"]);
    inFlight = 0;
    await world.clock.advance(50);
    await world.settle();
    assert.equal(await outcomeOf(world, stopping), "ok");
    assert.deepEqual(world.did, [
      "draining 127.0.0.1:9001",
      "stopped 127.0.0.1:9001",
      "SIGTERM api.1",
    ]);
    assert.equal(world.states(), "api.1 STOPPED");
    await world.clock.advance(10);
    assert.deepEqual(world.members(), []);
  });

  test("kills who ignores it", async () => {
    const world = await started(processSettings());
    world.manners.ignores = () => true;
    assert.equal(await outcomeOf(world, world.supervisor.stop("api.1")), "ok");
    assert.deepEqual(world.did, ["SIGTERM api.1", "SIGCONT api.1", "SIGKILL api.1"]);
  });

  test("the operator's stop wins over a restart that is due", async () => {
    const world = await started(processSettings());
    await world.exit("api.1");
    assert.equal(await outcomeOf(world, world.supervisor.stop("api")), "ok");
    await world.clock.advance(100_000);
    assert.equal(world.states(), "api.1 STOPPED");
    assert.deepEqual(world.did, []);
  });

  test("says what there is where a name is wrong", async () => {
    const world = await started(processSettings(), processSettings({ name: "db" }));
    const problem = 'There is no process or instance "ap"; there is: all, api, db.';
    for (const operation of ["start", "stop", "restart", "reload", "rollback"] as const) {
      assert.equal(await outcomeOf(world, world.supervisor[operation]("ap")), problem);
    }
    assert.deepEqual(world.supervisor.signal("ap", "SIGHUP"), { ok: false, problem });
    assert.equal(
      await outcomeOf(world, world.supervisor.scale("api.1", 2)),
      "api.1 is one instance: name its process, api.",
    );
  });

  test("a start that fails is a problem in plain words", async () => {
    const world = await started(processSettings({ autostart: false }));
    assert.equal(world.states(), "api.1 STOPPED");
    world.manners.refuses = () => "there is no such program: ./api";
    assert.equal(
      await outcomeOf(world, world.supervisor.start("api")),
      "api.1 did not come up: it could not be started: there is no such program: ./api; it is tried again",
    );
  });

  test("sends signals to who runs", async () => {
    const world = await started(two);
    world.manners.ignores = () => true;
    assert.deepEqual(world.supervisor.signal("all", "SIGHUP"), { ok: true });
    assert.deepEqual(world.did, ["SIGHUP api.1", "SIGHUP api.2"]);
    await outcomeOf(world, world.supervisor.stop("api"));
    assert.deepEqual(world.supervisor.signal("api.1", "SIGHUP"), {
      ok: false,
      problem: "api.1 does not run.",
    });
  });

  test("scales up and down", async () => {
    const world = await started(servingSettings());
    assert.equal(await outcomeOf(world, world.supervisor.scale("api", 3)), "ok");
    assert.equal(world.states(), "api.1 READY, api.2 READY, api.3 READY");
    assert.equal(await outcomeOf(world, world.supervisor.scale("api", 1)), "ok");
    await world.clock.advance(1000);
    assert.equal(world.states(), "api.1 READY");
    world.supervisor.apply([servingSettings()]);
    await world.settle();
    assert.equal(world.states(), "api.1 READY");
    world.supervisor.apply([servingSettings({ instances: 2 })]);
    await world.clock.advance(1000);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
  });

  test("replaces what takes too much memory at most once a minute", async () => {
    const world = await started(servingSettings({ memoryBytes: 1000 }));
    const seen = (): number => world.events.filter(({ kind }) => kind === "memory").length;
    world.manners.memoryBytes = () => 1001;
    await world.clock.advance(50_000);
    assert.equal(seen(), 1);
    await world.clock.advance(60_000);
    assert.equal(seen(), 2);
  });

  test("replaces what takes too much memory", async () => {
    const world = await started(servingSettings({ memoryBytes: 1000 }));
    world.manners.memoryBytes = (pid) => (pid === 100 ? 1001 : 10);
    await world.clock.advance(10_000);
    assert.equal(world.events.filter(({ kind }) => kind === "memory").length, 1);
    assert.equal(world.states(), "api.1 READY");
    assert.deepEqual(
      [...world.living.values()].map(({ identity }) => identity.pid),
      [101],
    );
  });
});

describe("a reload", () => {
  test("has each new one ready before the old one is drained", async () => {
    const world = await started(two);
    assert.equal(await outcomeOf(world, world.supervisor.reload("api")), "ok");
    assert.deepEqual(world.did, [
      "launch api.1",
      "ready 127.0.0.1:9003",
      "draining 127.0.0.1:9001",
      "stopped 127.0.0.1:9001",
      "SIGTERM api.1",
      "launch api.2",
      "ready 127.0.0.1:9004",
      "draining 127.0.0.1:9002",
      "stopped 127.0.0.1:9002",
      "SIGTERM api.2",
    ]);
  });

  test("stops the old one first where no port is to spare", async () => {
    const world = await started(servingSettings({ instances: 2, ports: [9101, 9102] }));
    assert.equal(await outcomeOf(world, world.supervisor.reload("api")), "ok");
    assert.deepEqual(world.did.slice(0, 5), [
      "draining 127.0.0.1:9101",
      "stopped 127.0.0.1:9101",
      "SIGTERM api.1",
      "launch api.1",
      "ready 127.0.0.1:9101",
    ]);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
  });

  test("ends at the first that does not become ready, and the old one stays", async () => {
    const world = await started(two);
    world.manners.isReady = (port) => port !== 9003;
    assert.equal(
      await outcomeOf(world, world.supervisor.reload("api")),
      "api.1 did not come up: it was not ready within 5s (nobody there); its output: evenkeel logs api.1; the old one stays; 1 more stay as they are",
    );
    await world.clock.advance(10);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
    assert.deepEqual(
      [...world.traffic],
      [
        ["127.0.0.1:9001", "ready"],
        ["127.0.0.1:9002", "ready"],
      ],
    );
    assert.equal(world.events.filter(({ kind }) => kind === "replacement_failed").length, 1);
  });

  test("that stopped short is told of until it is made good", async () => {
    const world = await started(two);
    const why = (): (string | undefined)[] => world.supervisor.list().map((one) => one.outdated);
    world.manners.isReady = (port) => port !== 9003;
    world.supervisor.apply([servingSettings({ instances: 2, fingerprint: "second" })]);
    await world.settle();
    assert.deepEqual(why().slice(0, 2), ["it is to be replaced", "it is to be replaced"]);
    await world.clock.advance(6000);
    for (const one of why())
      assert.match(one ?? "", /^api\.1 did not come up: .*the old one stays/);
    world.manners.isReady = () => true;
    assert.equal(await outcomeOf(world, world.supervisor.reload("api")), "ok");
    assert.deepEqual(why(), [undefined, undefined]);
  });

  test("tells of an endpoint that is not ready yet why it is so", async () => {
    const world = createFakeWorld();
    world.manners.isReady = () => false;
    world.supervisor.apply([servingSettings()]);
    await world.clock.advance(1000);
    const [view] = world.supervisor.list();
    assert.equal(view?.reason, "the configuration asks for it; not ready yet: nobody there");
    await world.clock.advance(5000);
    assert.match(world.reasons.get("127.0.0.1:9001") ?? "", /was not ready within 5s/);
  });

  test("is given up when somebody stops the process", async () => {
    const world = await started(two);
    world.manners.isReady = (port) => port !== 9003;
    const reload = world.supervisor.reload("api");
    await world.clock.advance(100);
    const stop = world.supervisor.stop("api");
    assert.equal(await outcomeOf(world, reload), "given up: was asked to stop");
    assert.equal(await outcomeOf(world, stop), "ok");
    await world.clock.advance(10_000);
    assert.equal(world.states(), "api.1 STOPPED, api.2 STOPPED");
    assert.equal(world.living.size, 0);
  });
});

describe("changed settings", () => {
  const changed = servingSettings({ instances: 2, command: ["./api2"], fingerprint: "second" });

  test("replace one by one, and can be rolled back", async () => {
    const world = await started(two);
    world.supervisor.apply([changed]);
    await world.settle();
    await world.clock.advance(1000);
    const commands = () => [...world.living.values()].map(({ order }) => order.command[0]);
    assert.deepEqual(commands(), ["./api2", "./api2"]);
    assert.equal(await outcomeOf(world, world.supervisor.rollback("api")), "ok");
    assert.deepEqual(commands(), ["./api", "./api"]);
    world.supervisor.apply([changed]);
    await world.clock.advance(1000);
    assert.deepEqual(commands(), ["./api", "./api"], "the file did not change");
  });

  test("that don't work leave the old ones, also when they have to be stopped first", async () => {
    const world = await started(servingSettings({ ports: [9101] }));
    world.manners.refuses = ({ command }) =>
      command[0] === "./bad" ? "no such program" : undefined;
    world.supervisor.apply([
      servingSettings({ ports: [9101], command: ["./bad"], fingerprint: "bad" }),
    ]);
    await world.clock.advance(2000);
    assert.equal(world.states(), "api.1 READY");
    assert.deepEqual(
      [...world.living.values()].map(({ order }) => order.command[0]),
      ["./api"],
    );
    await world.exit("api.1");
    await world.clock.advance(2000);
    assert.equal(world.states(), "api.1 READY", "a restart is by what worked");
  });

  test("rules count at once and replace nobody", async () => {
    const world = await started(processSettings());
    world.supervisor.apply([processSettings({ restart: restartSettings({ policy: "never" }) })]);
    await world.settle();
    assert.deepEqual(world.did, []);
    await world.exit("api.1");
    await world.clock.advance(100_000);
    assert.equal(world.states(), "api.1 EXITED");
  });

  test("a process that is gone is drained and forgotten", async () => {
    const world = await started(two);
    world.supervisor.apply([]);
    await world.clock.advance(1000);
    assert.equal(world.living.size, 0);
    assert.equal(world.states(), "");
    assert.deepEqual(world.members(), []);
    assert.ok(world.did.includes("draining 127.0.0.1:9001"));
  });

  test("a process that comes back before it is gone runs again", async () => {
    const world = await started(two);
    world.manners.inFlight = () => 1;
    world.supervisor.apply([]);
    await world.clock.advance(100);
    world.supervisor.apply([two]);
    await world.clock.advance(5000);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
  });
});

describe("order", () => {
  const db = processSettings({ name: "db" });
  const api = processSettings({ name: "api", dependsOn: ["db"] });
  const first = processSettings({ name: "first", priority: 1 });

  test("who is needed is up before who needs it, and stops after it", async () => {
    const world = createFakeWorld();
    world.supervisor.apply([api, db, first]);
    await world.settle();
    assert.deepEqual(world.did, ["launch first.1", "launch db.1"]);
    assert.equal(world.supervisor.list()[0]?.reason, "waits for db");
    await world.clock.advance(2000);
    assert.equal(world.did[2], "launch api.1");
    const told = world.events.flatMap((event) =>
      event.kind === "state" ? [`${event.instance} ${event.to}`] : [],
    );
    assert.ok(told.indexOf("db.1 RUNNING") < told.indexOf("api.1 STARTING"), told.join(", "));
    world.did.length = 0;
    const all = world.supervisor.stopAll();
    await world.clock.advance(1000);
    await all;
    assert.deepEqual(world.did, ["SIGTERM api.1", "SIGTERM db.1", "SIGTERM first.1"]);
  });

  test("a job that ended well is as good as up", async () => {
    const world = createFakeWorld();
    const job = processSettings({ name: "db", restart: restartSettings({ policy: "never" }) });
    world.supervisor.apply([api, job]);
    await world.settle();
    await world.exit("db.1", 0);
    await world.settle();
    assert.equal(world.did.at(-1), "launch api.1");
  });

  test("start all follows it, too", async () => {
    const world = await started(api, db);
    await world.clock.advance(2000);
    assert.equal(await outcomeOf(world, world.supervisor.stop("all")), "ok");
    world.did.length = 0;
    assert.equal(await outcomeOf(world, world.supervisor.start("all")), "ok");
    assert.deepEqual(world.did, ["launch db.1", "launch api.1"]);
  });
});

describe("after a crash", () => {
  test("of control, everything goes on as it was", async () => {
    const world = await started(two, processSettings({ name: "job" }));
    await outcomeOf(world, world.supervisor.stop("job"));
    await outcomeOf(world, world.supervisor.scale("api", 3));
    await world.exit("api.2");
    world.did.length = 0;
    await world.crash([two, processSettings({ name: "job" })]);
    assert.equal(world.states(), "api.1 READY, api.2 EXITED, api.3 READY, job.1 STOPPED");
    assert.equal(
      world.did.some((what) => what.startsWith("stopped 127.0.0.1:9001")),
      false,
    );
    await world.clock.advance(1100);
    assert.equal(world.states(), "api.1 READY, api.2 READY, api.3 READY, job.1 STOPPED");
    assert.deepEqual(
      world.did.filter((what) => what.startsWith("launch")),
      ["launch api.2"],
    );
    assert.equal(world.supervisor.list()[1]?.restarts, 1);
  });

  test("of all, a changed one that serves is replaced without a gap", async () => {
    const world = await started(servingSettings());
    world.did.length = 0;
    await world.crash([servingSettings({ fingerprint: "second" })], true);
    await world.clock.advance(1000);
    const order = world.did.filter((what) => /^(launch|ready|SIGTERM)/.test(what));
    assert.deepEqual(order, [
      "ready 127.0.0.1:9001",
      "launch api.1",
      "ready 127.0.0.1:9002",
      "SIGTERM api.1",
    ]);
  });

  test("of control, who ended meanwhile is started again", async () => {
    const world = await started(two);
    const [run] = world.living.keys();
    world.living.delete(run!);
    await world.crash([two]);
    assert.equal(world.states(), "api.1 EXITED, api.2 READY");
    await world.clock.advance(2000);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
  });

  test("of control in the middle of a reload, one of each is left", async () => {
    const world = await started(two);
    world.manners.isReady = (port) => port < 9003;
    void world.supervisor.reload("api");
    await world.clock.advance(100);
    assert.equal(world.living.size, 3);
    await world.crash([two]);
    await world.clock.advance(2000);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
    assert.deepEqual([...world.traffic.keys()], ["127.0.0.1:9001", "127.0.0.1:9002"]);
  });

  test("of everything, the living are adopted and nobody is started twice", async () => {
    const world = await started(two);
    await world.crash([two], true);
    await world.clock.advance(100);
    assert.equal(world.states(), "api.1 READY, api.2 READY");
    assert.deepEqual(world.did, ["ready 127.0.0.1:9001", "ready 127.0.0.1:9002"]);
    assert.deepEqual(
      world.events.filter(({ kind }) => kind === "adopted").map(({ instance }) => instance),
      ["api.1", "api.2"],
    );
    assert.ok(world.supervisor.list().every(({ adopted }) => adopted));
  });

  test("of everything, with other settings meanwhile: they are replaced one by one", async () => {
    const world = await started(two);
    await world.crash([servingSettings({ instances: 2, fingerprint: "second" })], true);
    await world.clock.advance(1000);
    assert.deepEqual(
      [...world.living.values()].map(({ order }) => order.fingerprint),
      ["second", "second"],
    );
    assert.equal(world.states(), "api.1 READY, api.2 READY");
  });

  test("of everything, what is not configured any more is stopped", async () => {
    const world = await started(two);
    await world.crash([servingSettings()], true);
    await world.clock.advance(2000);
    assert.equal(world.living.size, 1);
    await world.crash([], true);
    await world.clock.advance(2000);
    assert.equal(world.living.size, 0);
    assert.equal(world.states(), "");
  });
});
