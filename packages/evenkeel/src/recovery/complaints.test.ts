import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { HistoryUnavailable } from "../history/contract.ts";
import { createWorld, planOf, restart, settingsOf, stepOf, type World } from "./testing/world.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";

// What people complain of in other tools that mend by themselves; each has to be otherwise here.

function worldWith(...plans: readonly PlanSettings[]): World {
  const world = createWorld();
  world.recovery.apply(settingsOf(...plans));
  return world;
}

const incurable = { ill: true, incurable: true };
const kinds = (world: World): string[] => world.notices.map(({ kind }) => kind);

test("retries are lost when the controller restarts", async () => {
  const plan = planOf({ limits: { maxAttempts: 3, cooldownMs: 20_000 } });
  const world = worldWith(plan);
  Object.assign(world.instances[0]!, incurable);
  for (let turn = 0; turn < 12; turn++) {
    await world.pass(20_000);
    world.kill();
    world.crash(settingsOf(plan));
  }
  assert.equal(world.instances[0]!.restarts, 3, "three attempts, however often it was killed");
  assert.deepEqual(kinds(world), ["page"], "and one page");
  const details = world.notices[0]?.details ?? "";
  assert.match(details, /^what is wrong: .+\nwhat was done: step 1 \(restart_service api\.1\), /);
  assert.match(details, /\nincident 1: evenkeel incidents show 1$/);
  const [{ lastRunAtMs } = { lastRunAtMs: undefined }] = world.recovery.plans();
  assert.ok(lastRunAtMs! > 0, "when it last ran is known after a restart");
});

test("a run that waits is lost when the controller restarts", async () => {
  const plan = planOf({ mode: "approve" });
  const world = worldWith(plan);
  world.instances[0]!.ill = true;
  await world.pass(5000);
  const [before] = world.recovery.runs();
  world.kill();
  world.crash(settingsOf(plan));
  await world.pass(2000);
  const [after] = world.recovery.runs();
  assert.deepEqual([after?.run, after?.question], [before?.run, before?.question]);
  assert.deepEqual(world.recovery.answer(after!.run, "go", "ada"), { ok: true });
  await world.pass(2000);
  assert.deepEqual(world.deeds, ["restart api.1"]);

  const waiting = planOf({ steps: [stepOf({ action: "wait", ms: 30_000 }), restart] });
  const other = worldWith(waiting);
  other.instances[0]!.ill = true;
  await other.pass(20_000);
  other.kill();
  other.crash(settingsOf(waiting));
  await other.pass(10_000);
  assert.deepEqual(other.deeds, []);
  await other.pass(5000);
  assert.deepEqual(other.deeds, ["restart api.1"], "it waited for what was left of its time");
});

test("what was drained for the repair takes traffic again in the middle of it", async () => {
  const steps = [
    stepOf({ action: "drain", target: "api" }, { undo: true }),
    stepOf({ action: "wait", ms: 30_000 }),
    stepOf({ action: "undrain", target: "api" }),
  ];
  const world = worldWith(planOf({ steps }));
  world.instances[0]!.ill = true;
  await world.pass(10_000);
  world.kill();
  world.instances[0]!.drained = false;
  world.crash(settingsOf(planOf({ steps })));
  assert.equal(world.instances[0]!.drained, true, "drains end with the process, and are made anew");
  await world.pass(30_000);
  assert.equal(world.instances[0]!.drained, false);
});

test("people are woken for a failure that the retry fixed", async () => {
  const world = worldWith(planOf({ limits: { cooldownMs: 5000 } }));
  Object.assign(world.instances[0]!, incurable);
  await world.pass(22_000);
  world.instances[0]!.incurable = false;
  await world.pass(40_000);
  assert.equal(world.instances[0]!.restarts, 2);
  assert.deepEqual(kinds(world), ["report"]);
});

test("it restarts again while the program still boots", async () => {
  // The signal is bad until 8 s after each start.
  const world = worldWith(planOf({ limits: { graceMs: 10_000, cooldownMs: 0 } }));
  Object.assign(world.instances[0]!, incurable);
  await world.pass(4000);
  world.clock.setTimeout(() => (world.instances[0]!.ill = false), 8000);
  await world.pass(60_000);
  assert.equal(world.instances[0]!.restarts, 1);
});

test("how long a condition held before the action counts again after it", async () => {
  const world = worldWith(planOf({ limits: { graceMs: 1000, cooldownMs: 0 } }));
  world.instances[0]!.ill = true;
  await world.pass(9000);
  assert.equal(world.history.incidents.list(1)[0]?.state, "resolved");
  world.instances[0]!.ill = true;
  await world.pass(1000);
  assert.equal(world.history.incidents.list(9).length, 1, "two seconds have to pass anew");
});

test("counters of attempts never reset", async () => {
  const world = worldWith(planOf({ limits: { maxAttempts: 2, cooldownMs: 1000, graceMs: 2000 } }));
  for (let turn = 0; turn < 6; turn++) {
    world.instances[0]!.ill = true;
    await world.pass(30_000);
  }
  assert.equal(
    world.instances[0]!.restarts,
    6,
    "a resolved incident is over, and so are its attempts",
  );
  assert.ok(!kinds(world).includes("page"));
});

test("what is under repair is not counted as unavailable, and the pool goes down", async () => {
  const world = worldWith(planOf({ limits: { maxUnavailable: { percent: 34 } } }));
  world.restartMs = 5000;
  for (const one of world.instances) one.ill = true;
  world.instances[5]!.drained = true;
  await world.pass(8000);
  assert.ok(world.mostOut <= 2, `${world.mostOut} were out`);
  assert.match(
    world.timeline().join("\n"),
    /2 of 6 of api are out or under repair; with api\.\d it would be 3/,
  );
});

test("people are woken for what is back in a moment", async () => {
  const world = worldWith(planOf({ limits: { graceMs: 6000 } }));
  for (const one of world.instances.slice(1, 5)) one.out = true;
  world.instances[0]!.ill = true;
  await world.pass(5000);
  assert.match(world.timeline().join("\n"), /refused: 4 of 6 of api are out/);
  for (const one of world.instances) one.out = false;
  await world.pass(20_000);
  assert.deepEqual([world.deeds, kinds(world)], [["restart api.1"], ["report"]]);
  for (const one of world.instances.slice(1, 5)) one.out = true;
  world.instances[0]!.ill = true;
  await world.pass(60_000);
  assert.deepEqual(kinds(world), ["report", "page"], "but what stays out is a person's work");
});

test("above a share of ill ones it goes on mending what one plan can't mend", async () => {
  const plan = planOf();
  const world = createWorld();
  world.recovery.apply({
    plans: [plan],
    freeze: { runs: 1000, windowMs: 1000, unhealthyPercent: 60 },
  });
  for (const one of world.instances.slice(0, 3)) Object.assign(one, { ill: true, out: true });
  await world.pass(10_000);
  assert.deepEqual(world.deeds, []);
  assert.deepEqual(kinds(world), ["page"], "a person is called once, not once per instance");
  assert.match(world.recovery.frozen()?.reason ?? "", /3 of 6 of api are left/);
  world.recovery.thaw("ada");
  assert.deepEqual(kinds(world), ["page", "over"]);
});

test("restarts what is only slow to begin", async () => {
  const world = worldWith(planOf({ limits: { cooldownMs: 0, graceMs: 1000 } }));
  const [one, two] = world.instances;
  Object.assign(one!, { ill: true, out: true, starting: "first" });
  await world.pass(60_000);
  assert.deepEqual(
    [world.deeds, world.history.incidents.list(9)],
    [[], []],
    "nothing is wrong yet",
  );
  Object.assign(one!, { ill: false, out: false, starting: undefined });
  Object.assign(two!, { ill: true, out: true, starting: "again" });
  await world.pass(60_000);
  assert.deepEqual([world.deeds, kinds(world)], [[], []]);
  assert.ok(world.timeline().includes("refused: api.2 is only just being started"));
  Object.assign(two!, { starting: undefined });
  await world.pass(10_000);
  assert.deepEqual(world.deeds, ["restart api.2"], "when it is not it is ill");
});

test("gives up halfway because others are out for a moment", async () => {
  const restart = stepOf({ action: "restart_service", target: "api" });
  const wait = stepOf({ action: "wait", ms: 5000 });
  const world = worldWith(planOf({ steps: [wait, restart], limits: { graceMs: 10_000 } }));
  world.instances[0]!.ill = true;
  await world.pass(4000);
  assert.equal(world.recovery.runs().length, 1);
  for (const one of world.instances.slice(1, 5)) one.out = true;
  await world.pass(6000);
  assert.deepEqual(world.deeds, [], "it waits for them");
  for (const one of world.instances.slice(1, 5)) one.out = false;
  await world.pass(2000);
  assert.deepEqual(world.deeds, ["restart api.1"]);
});

test("keeps the beginning of what a program wrote, and not the error at its end", async () => {
  const run = stepOf({ action: "run", command: ["./fix"], env: {}, cwd: "/" });
  const world = worldWith(planOf({ steps: [run] }));
  const output = `${"x".repeat(16_000)} no such file`;
  world.run = () => Promise.resolve({ ok: false, text: "it exited with 1", output });
  world.instances[0]!.ill = true;
  await world.pass(3000);
  const told = world.timeline().find((text) => text.startsWith("output: "));
  assert.match(told ?? "", /^output: …x+ no such file$/);
});

test("calls a person as often as there are ill ones where all of them are", async () => {
  const world = createWorld();
  world.recovery.apply({
    plans: [planOf({ limits: { graceMs: 10_000 } })],
    freeze: { runs: 5, windowMs: 600_000, unhealthyPercent: 50 },
  });
  for (const one of world.instances) Object.assign(one, { ill: true, out: true });
  await world.pass(8000);
  assert.deepEqual(kinds(world), [], "they may be back in a moment");
  await world.pass(30_000);
  assert.deepEqual([world.deeds, kinds(world)], [[], ["page"]]);
  assert.match(world.recovery.frozen()?.reason ?? "", /0 of 6 of api are left/);
  const told = world.history.incidents.list(10).map(({ handling }) => handling);
  assert.deepEqual(told, Array(6).fill("human"));
});

test("automation runs wild: five runs in ten minutes and one more", async () => {
  const plan = planOf({ limits: { cooldownMs: 0, graceMs: 1000 } });
  const world = createWorld();
  const settings = { plans: [plan], freeze: { runs: 5, windowMs: 600_000, unhealthyPercent: 0 } };
  world.recovery.apply(settings);
  for (let turn = 0; turn < 8; turn++) {
    world.instances[turn % 6]!.ill = true;
    await world.pass(15_000);
    if (turn === 3) {
      world.kill();
      world.crash(settings);
    }
  }
  assert.equal(world.deeds.length, 5, "over a restart too");
  assert.equal(kinds(world).filter((kind) => kind === "page").length, 1);
  world.recovery.thaw("ada");
  await world.pass(15_000);
  assert.ok(world.deeds.length > 5, "runs before the thaw do not freeze it again at once");
});

test("rates are counted wrong, and forgotten at a restart", async () => {
  const limits = { cooldownMs: 0, graceMs: 1000, rate: { count: 3, windowMs: 120_000 } };
  const world = worldWith(planOf({ limits }));
  for (let turn = 0; turn < 4; turn++) {
    world.instances[turn]!.ill = true;
    await world.pass(10_000);
    world.kill();
    world.crash(settingsOf(planOf({ limits })));
  }
  assert.equal(world.deeds.length, 3, "exactly three");
  assert.equal(kinds(world).at(-1), "page");
  await world.pass(100_000);
  assert.equal(world.deeds.length, 4, "and the window moves on");
});

test("a fault that flaps makes noise", async () => {
  const world = worldWith(planOf({ limits: { maxAttempts: 1, graceMs: 20_000 } }));
  Object.assign(world.instances[0]!, incurable);
  await world.pass(60_000);
  for (let turn = 0; turn < 10; turn++) {
    world.instances[0]!.ill = turn % 2 === 0;
    await world.pass(5000);
  }
  assert.equal(world.history.incidents.list(99).length, 1);
  assert.deepEqual(kinds(world), ["page"]);
});

test("nobody can say that he has seen it", async () => {
  const world = worldWith(planOf({ limits: { maxAttempts: 1 } }));
  Object.assign(world.instances[0]!, incurable);
  await world.pass(30_000);
  world.recovery.acknowledge(1, "ada");
  assert.equal(world.history.incidents.get(1)?.incident.acknowledgedBy, "ada");
  assert.match(world.timeline().join("\n"), /ada has seen it/);
});

test("two plans, or a plan and a person, work on the same thing at once", async () => {
  const world = worldWith(planOf(), planOf({ name: "other" }));
  world.restartMs = 4000;
  world.instances[0]!.ill = true;
  await world.pass(5000);
  assert.deepEqual(world.deeds, ["restart api.1"]);
  assert.match(
    world.timeline().join("\n"),
    /refused: plan mend \(run run-0001\) is at work on api\.1/,
  );

  const held = worldWith(planOf());
  held.locks.seize("api", "operator ada");
  held.instances[0]!.ill = true;
  await held.pass(10_000);
  assert.deepEqual([held.deeds, kinds(held)], [[], []]);
  assert.match(held.timeline().join("\n"), /refused: operator ada is at work on api\.1/);
});

test("a failed repair leaves its changes behind", async () => {
  const steps = [
    stepOf({ action: "drain", target: "api" }, { undo: true }),
    stepOf({ action: "run", command: ["x"], env: {}, cwd: "/" }),
  ];
  const world = worldWith(planOf({ steps, limits: { maxAttempts: 1 } }));
  world.run = async () => ({ ok: false, text: "it exited with 1", output: "" });
  world.instances[0]!.ill = true;
  await world.pass(20_000);
  assert.equal(world.instances[0]!.drained, false);
});

test("nobody dares to let it act, for want of seeing what it would do", async () => {
  const world = worldWith(planOf({ mode: "dry_run" }));
  Object.assign(world.instances[0]!, incurable);
  world.instances.slice(1, 4).forEach((one) => (one.drained = true));
  await world.pass(20_000);
  assert.deepEqual(world.deeds, []);
  assert.match(
    world.timeline().join("\n"),
    /dry run: would have been refused: 3 of 6 of api are out/,
  );
});

test("a full disk makes it leave behind what it did, without a word", async () => {
  const drain = stepOf({ action: "drain", target: "api" }, { undo: true });
  const wait = stepOf({ action: "wait", ms: 5000 });
  const world = worldWith(planOf({ steps: [drain, wait, restart] }));
  world.instances[0]!.ill = true;
  await world.pass(4000);
  mock.method(world.history.ledger, "intend", () => {
    throw new HistoryUnavailable("the disk is full");
  });
  await world.pass(10_000);
  assert.deepEqual(world.deeds, ["drain api.1"]);
  assert.match(
    world.notices[0]?.summary ?? "",
    /step 1 \(drain\) could not be reverted \(the disk is full\): do it by hand/,
  );
});

test("a full disk makes it act without a trace", async () => {
  const world = worldWith(planOf());
  const intend = mock.method(world.history.ledger, "intend", () => {
    throw new HistoryUnavailable("the disk is full");
  });
  world.instances[0]!.ill = true;
  await world.pass(10_000);
  assert.deepEqual(world.deeds, []);
  assert.match(
    world.timeline().join("\n"),
    /it can't be written down, so it is not done: the disk is full/,
  );
  intend.mock.restore();
  await world.pass(10_000);
  assert.deepEqual(world.deeds, ["restart api.1"]);
});
