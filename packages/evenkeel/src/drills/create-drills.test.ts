import { test } from "node:test";
import assert from "node:assert/strict";
import type { Truth } from "../expression/expression.ts";
import type { History } from "../history/contract.ts";
import { openHistory } from "../history/open-history.ts";
import type { ConditionState } from "../signals/contract.ts";
import type { DrillFaultSettings, DrillSettings } from "../snapshot/drill-settings.ts";
import type { FaultSettings } from "../snapshot/fault.ts";
import { createLog } from "../telemetry/log.ts";
import { createDrills } from "./create-drills.ts";

const condition = (text: string): DrillSettings["steadyState"][number] => ({
  text,
  expression: { kind: "and", parts: [] },
});

const scope: FaultSettings["scope"] = {
  upstream: "api",
  endpoint: "",
  route: "",
  header: undefined,
  percent: 100,
};
const kill: DrillFaultSettings = {
  atMs: 0,
  forMs: 0,
  kind: "process",
  fault: "kill",
  process: "api",
  pick: 1,
};
const freeze: DrillFaultSettings = { ...kill, fault: "stop", forMs: 2000 };
const slow: DrillFaultSettings = {
  atMs: 1000,
  forMs: 2000,
  kind: "traffic",
  scope,
  pick: 1,
  effect: { kind: "latency", delayMs: 500, jitterMs: 0 },
};

function drill(faults: readonly DrillFaultSettings[], more: Partial<DrillSettings> = {}) {
  const expect = {
    detectedWithinMs: undefined,
    recoveredWithinMs: undefined,
    errorRatio: undefined,
    plan: undefined,
  };
  return {
    name: "d",
    schedule: undefined,
    steadyState: [condition("steady")],
    faults,
    abortIf: [condition("abort")],
    maxDurationMs: 30_000,
    expect,
    report: [],
    ...more,
  } satisfies DrillSettings;
}

function memory(): History {
  return openHistory({
    file: ":memory:",
    settings: () => ({ keepMs: 1e9, keepIncidents: 10 }),
    clock: { nowMs: () => 0 },
    log: createLog({ level: "error", thread: "test", destination: { write: () => {} } }),
  });
}

function build(settings: DrillSettings, history = memory()) {
  const world = {
    now: 0,
    truths: { steady: "true", abort: "false" } as Record<string, Truth>,
    traffic: new Array<readonly FaultSettings[]>(),
    signals: [] as string[],
    wakes: [] as number[],
    woken: [] as number[],
    /** How far the wall clock was moved. */
    leapMs: 0,
    gone: false,
    isQuiet: false,
    obstacle: undefined as string | undefined,
    proved: [] as string[],
    told: [] as string[],
  };
  const order = ["steady", "abort"];
  let made = 0;
  const drills = createDrills({
    levers: {
      setTraffic: (faults) => void world.traffic.push(faults),
      instances: () => [
        { name: "api.1", pid: 11 },
        { name: "api.2", pid: 12 },
      ],
      signal(instance, signal) {
        world.signals.push(`${signal} ${instance}`);
        return !world.gone;
      },
      wake: (pid) => void world.woken.push(pid),
      wakeLater: (pid) => void world.wakes.push(pid),
      endpoints: () => ["a:1", "b:1"],
    },
    history,
    watch: () => {
      const text = order[made++ % order.length]!;
      const state = { subject: {}, sinceMs: 0, firstTrueAtMs: undefined, explanation: "" };
      return {
        look: (): readonly ConditionState[] => [{ ...state, truth: world.truths[text]! }],
        clear() {},
      };
    },
    reader: { read: () => [] },
    sample: () => ({
      requests: world.isQuiet ? 0 : world.now,
      failed: 0,
      p50Ms: 1,
      p99Ms: 2,
      available: 2,
    }),
    random: () => 0,
    clock: { nowMs: () => world.now + world.leapMs, monotonicMs: () => world.now },
    obstacle: () => world.obstacle,
    proved: (plan) => void world.proved.push(plan),
    tell: ({ verdict }) => void world.told.push(verdict),
    log: createLog({ level: "error", thread: "test", destination: { write: () => {} } }),
  });
  drills.apply([settings]);
  const passTo = (ms: number): void => {
    for (; world.now < ms;) drills.tick((world.now += 500) + world.leapMs);
  };
  return { drills, world, history, passTo };
}

test("faults come and go at their times, and the ledger knows of each", () => {
  const { drills, world, history, passTo } = build(drill([kill, slow]));
  const outcome = drills.run("d", "me");
  assert.ok("id" in outcome);
  assert.deepEqual(world.signals, ["SIGKILL api.1"]);
  assert.equal(world.traffic.length, 0);
  passTo(1000);
  assert.equal(world.traffic.at(-1)?.[0]?.scope.endpoint, "a:1");
  assert.equal(world.traffic.at(-1)?.[0]?.untilMs, 3000);
  passTo(3000);
  assert.deepEqual(world.traffic.at(-1), []);
  passTo(10_000);
  const report = drills.report(outcome.id);
  assert.equal(report?.verdict, "passed");
  assert.ok(report.samples.length >= 4);
  assert.deepEqual(
    history.ledger.list(10).map(({ state }) => state),
    ["undone", "done"],
  );
});

test("a frozen process is woken in time, and by somebody else should Evenkeel die", () => {
  const { drills, world, passTo } = build(drill([freeze]));
  drills.run("d", "me");
  assert.deepEqual(world.signals, ["SIGSTOP api.1"]);
  assert.deepEqual(world.wakes, [11]);
  passTo(2000);
  assert.deepEqual(world.signals, ["SIGSTOP api.1", "SIGCONT api.1"]);
  // Its instance may have been replaced meanwhile: the number is that of who was frozen.
  assert.deepEqual(world.woken, [11]);
});

for (const [what, leapMs] of [
  ["back", -3_600_000],
  ["forward", 3_600_000],
] as const) {
  test(`faults last as long as they should while the wall clock is set ${what}`, () => {
    const { drills, world, passTo } = build(drill([freeze], { maxDurationMs: 20_000 }));
    world.now = 10 * 3_600_000;
    const begun = world.now;
    drills.run("d", "me");
    passTo(begun + 500);
    world.leapMs = leapMs;
    passTo(begun + 1500);
    assert.deepEqual(world.woken, []);
    drills.noticed({ process: "api", instance: "api.1" }, world.now + leapMs - 100, "it is slow");
    passTo(begun + 2000);
    assert.deepEqual(world.woken, [11]);
    passTo(begun + 8000);
    const report = drills.report(drills.runs()[0]!.id);
    assert.equal(report?.verdict, "passed");
    assert.equal(report.detectedMs, 1400);
  });
}

test("runs of one second have an id each", () => {
  const { drills } = build(drill([kill]));
  drills.run("d", "me");
  drills.abort("me");
  drills.run("d", "me");
  drills.abort("me");
  assert.deepEqual(
    drills.runs().map(({ id }) => id),
    ["d-19700101T000000Z-2", "d-19700101T000000Z"],
  );
});

test("an abort condition takes everything back within one look", () => {
  const { drills, world, passTo } = build(drill([freeze, { ...slow, atMs: 0 }]));
  drills.run("d", "me");
  world.truths["abort"] = "true";
  passTo(500);
  assert.deepEqual(world.traffic.at(-1), []);
  assert.deepEqual(world.signals.at(-1), "SIGCONT api.1");
  assert.equal(drills.runs()[0]?.verdict, "aborted");
});

test("the operator's abort takes everything back too; without a drill there is nothing to abort", () => {
  const { drills, world } = build(drill([freeze]));
  assert.equal(drills.abort("me"), false);
  drills.run("d", "me");
  assert.equal(drills.abort("me"), true);
  assert.equal(world.signals.at(-1), "SIGCONT api.1");
});

test("what can't be written down is not done", () => {
  const history = memory();
  const { drills, world } = build(drill([kill]), history);
  history.close();
  const outcome = drills.run("d", "me");
  assert.ok("id" in outcome);
  assert.deepEqual(world.signals, []);
  assert.equal(drills.report(outcome.id)?.verdict, "aborted");
});

test("a successor takes back what was left", () => {
  const history = memory();
  const { drills } = build(drill([freeze, { ...slow, atMs: 0 }]), history);
  drills.run("d", "me");
  assert.equal(history.ledger.unfinished().length, 2);
  const successor = build(drill([freeze]), history);
  // By its number: the supervisor does not know its instances yet at a start.
  assert.deepEqual(successor.world.signals, []);
  assert.deepEqual(successor.world.woken, [11]);
  assert.deepEqual(successor.world.traffic, [[]]);
  assert.equal(history.ledger.unfinished().length, 0);
});

test("a process that is gone ends the drill instead of hitting somebody else", () => {
  const { drills, world } = build(drill([kill]));
  world.gone = true;
  const outcome = drills.run("d", "me");
  assert.ok("id" in outcome);
  assert.equal(drills.report(outcome.id)?.verdict, "aborted");
});

test("it refuses what is unknown, a second drill, open incidents and obstacles", () => {
  const { drills, world, history } = build(drill([freeze]));
  const problemOf = (name: string): string => {
    const outcome = drills.run(name, "me");
    return "problem" in outcome ? outcome.problem : "";
  };
  assert.match(problemOf("x"), /no drill "x"; there is: d/);
  world.obstacle = "everything is frozen";
  assert.equal(problemOf("d"), "everything is frozen");
  world.obstacle = undefined;
  const incident = history.incidents.open({
    title: "api is slow",
    object: "api",
    plan: undefined,
    drill: undefined,
    faultAtMs: 0,
    detectedAtMs: 0,
  });
  assert.match(problemOf("d"), /Incident 1 is open \(api is slow\)/);
  history.incidents.change(incident, { state: "resolved", resolvedAtMs: 1 });
  assert.equal(problemOf("d"), "");
  assert.match(problemOf("d"), /under way/);
});

test("a due drill runs by itself; one that is refused is left out and said so", () => {
  const schedule = { cron: "0 * * * *", timezone: "UTC" };
  const { drills, world } = build(drill([kill], { schedule }));
  world.now = 3_600_000;
  drills.tick(world.now);
  assert.equal(drills.progress()?.run.drill, "d");
  drills.abort("me");
  world.obstacle = "no";
  world.now = 7_200_000;
  drills.tick(world.now);
  assert.equal(drills.progress(), undefined);
  assert.equal(drills.runs()[0]?.verdict, "refused");
});

test("only what is under a fault is touched, and only its signs count as detection", () => {
  const { drills, world, passTo } = build(drill([kill]));
  drills.run("d", "me");
  assert.equal(drills.touching({ process: "api", instance: "api.1" }), "d");
  assert.equal(drills.touching({ process: "api", instance: "api.2" }), undefined);
  world.now = 200;
  drills.noticed({ process: "other", instance: "other.1" }, 100, "x");
  drills.noticed({ process: "api", instance: "api.1", upstream: "u" }, 200, "it died");
  passTo(8000);
  assert.equal(drills.report(drills.runs()[0]!.id)?.detectedMs, 200);
  assert.ok(world.now > 0);
});

test("a report outlives the program", () => {
  const history = memory();
  const { drills, passTo } = build(drill([kill]), history);
  drills.run("d", "me");
  passTo(8000);
  const [before] = drills.runs();
  assert.deepEqual(build(drill([kill]), history).drills.runs(), [before]);
});

test("a drill that an end of Evenkeel cut off is told of, once", () => {
  const history = memory();
  const { drills, passTo, world } = build(drill([freeze]), history);
  drills.run("d", "me");
  passTo(1000);
  const before = world.signals.length;
  const [run] = build(drill([freeze]), history).drills.runs();
  assert.deepEqual([before, run?.drill, run?.verdict], [1, "d", "aborted"]);
  assert.match(run?.text ?? "", /Evenkeel ended during it/);
  assert.equal(build(drill([freeze]), history).drills.runs().length, 1);
});

test("errors that nobody could see are told as such", () => {
  const expect = { ...drill([]).expect, errorRatio: 0.01 };
  const { drills, world, passTo } = build(drill([kill], { expect }));
  world.isQuiet = true;
  drills.run("d", "me");
  passTo(8000);
  const told = drills.report(drills.runs()[0]!.id)?.timeline.map(({ text }) => text);
  assert.ok(told?.includes("no requests came: nobody can say what clients would have seen"));
});

test("only a plan that acted, and needed nobody, is proved", () => {
  const proved = (change: Parameters<History["incidents"]["change"]>[1]): readonly string[] => {
    const { drills, history, world, passTo } = build(drill([kill]));
    drills.run("d", "me");
    const times = { faultAtMs: 1, detectedAtMs: 1 };
    const about = { title: "hung", object: "api.1", plan: "mend", drill: "d" };
    const incident = history.incidents.open({ ...about, ...times });
    history.incidents.change(incident, change);
    passTo(8000);
    const report = drills.report(drills.runs()[0]!.id);
    assert.deepEqual([report?.verdict, report?.incident], ["passed", incident]);
    assert.equal(report?.plan, world.proved[0]);
    return world.proved;
  };
  assert.deepEqual(proved({ actionAtMs: 2 }), ["mend"]);
  assert.deepEqual(proved({}), [], "it healed by itself");
  assert.deepEqual(proved({ actionAtMs: 2, handling: "human" }), []);
});
