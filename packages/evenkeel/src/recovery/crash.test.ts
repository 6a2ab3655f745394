import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createWorld, planOf, restart, settingsOf, stepOf, type World } from "./testing/world.ts";
import { kinds, type StepIntent } from "./resume.ts";

const drain = stepOf({ action: "drain", target: "api" }, { undo: true });
const weight = stepOf({ action: "set_weight", target: "", weight: 3 }, { undo: true });
const fix = stepOf(
  { action: "run", command: ["./fix", "{{object}}"], env: {}, cwd: "/" },
  { retries: 1 },
);
const undrain = stepOf({ action: "undrain", target: "api" });
const scale = stepOf({ action: "scale", target: "api", change: 1, exact: false }, { undo: true });
const rollback = stepOf({ action: "rollback", target: "api" });
const ask = stepOf({ action: "approve", question: "go on?", otherwise: "go" }, { timeoutMs: 3000 });

const allSteps = [
  drain,
  weight,
  fix,
  restart,
  scale,
  rollback,
  ask,
  stepOf({ action: "wait", ms: 2000 }),
];

const scene = fc.record({
  steps: fc.subarray(allSteps, { minLength: 1 }),
  asks: fc.boolean(),
  fixWorks: fc.boolean(),
  ill: fc.array(fc.record({ at: fc.nat(5), incurable: fc.boolean(), afterS: fc.nat(20) }), {
    minLength: 1,
    maxLength: 4,
  }),
  /** After so many writes and deeds, counted from the crash before. */
  kills: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
});

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

async function play({ steps, asks, fixWorks, ill, kills }: Scene): Promise<World> {
  const plan = planOf({
    steps: steps.includes(drain) ? [...steps, undrain] : steps,
    mode: asks ? "approve" : "auto",
    limits: { cooldownMs: 5000, graceMs: 2000, verifyWithinMs: 3000 },
  });
  const world = createWorld();
  world.run = async () => ({ ok: fixWorks, text: "it exited", output: "" });
  world.recovery.apply(settingsOf(plan));
  let left = kills[0] ?? Infinity;
  let next = 1;
  world.onStep = () => {
    if (--left > 0) return;
    left = Infinity;
    world.kill();
  };
  for (let second = 0; second < 150; second++) {
    for (const { at, incurable, afterS } of ill) {
      if (afterS === second) Object.assign(world.instances[at]!, { ill: true, incurable });
    }
    if (second === 100) for (const one of world.instances) one.ill = false;
    for (const { run, question } of world.recovery.runs()) {
      if (question !== undefined && second % 3 === 0) world.recovery.answer(run, "go", "ada");
    }
    await world.pass(1000);
    if (left !== Infinity || next > kills.length) continue;
    left = kills[next++] ?? Infinity;
    world.crash(settingsOf(plan));
  }
  return world;
}

const count = (world: World, word: string): number =>
  world.deeds.filter((deed) => deed.startsWith(word)).length;

const stepsOf = (world: World, action: string) =>
  world.history.ledger
    .list(10_000)
    .filter(
      ({ kind, intent }) => kind === kinds.step && (intent as StepIntent).action.action === action,
    );

test("killed at any instant, the ledger leads to a known state and nothing is repeated blindly", async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (scene) => {
      const world = await play(scene);
      assert.deepEqual(world.history.ledger.unfinished(), []);
      const done = (action: string): number => stepsOf(world, action).length;
      // Each of these was done at most once for each time that it was written down.
      assert.ok(count(world, "run ") <= done("run"), "run");
      assert.ok(count(world, "restart ") <= done("restart_service"), "restart");
      assert.ok(count(world, "rollback ") <= done("rollback"), "rollback");
      assert.ok(
        world.instances.every(({ drained }) => !drained),
        "what was drained is back",
      );
      assert.ok(world.mostOut <= 3, `${world.mostOut} of 6 were out at once`);
      assert.ok(world.instances.length <= 6 + done("scale"));
      assert.deepEqual(world.history.incidents.openOnes(), []);
      assert.deepEqual(world.recovery.runs(), []);
    }),
    { numRuns: 60, seed: 7 },
  );
});

test("every single instant of one plan's run can be the last", async () => {
  const steps = [drain, fix, restart, undrain];
  let lasts = true;
  let kill = 0;
  while (lasts) {
    kill++;
    const world = createWorld();
    world.recovery.apply(settingsOf(planOf({ steps, limits: { cooldownMs: 0 } })));
    const counter = { left: kill };
    world.onStep = () => {
      if (--counter.left === 0) world.kill();
    };
    world.instances[0]!.ill = true;
    for (let second = 0; second < 40 && counter.left > 0; second++) await world.pass(1000);
    lasts = counter.left <= 0;
    world.onStep = () => {};
    world.crash(settingsOf(planOf({ steps, limits: { cooldownMs: 0 } })));
    await world.pass(60_000);
    const why = `killed at ${kill}`;
    assert.deepEqual(world.history.ledger.unfinished(), [], why);
    assert.equal(world.instances[0]!.ill, false, why);
    assert.equal(world.instances[0]!.drained, false, why);
    assert.deepEqual(world.history.incidents.openOnes(), [], why);
    const told = world.notices.find(({ kind }) => kind === "report")?.summary;
    assert.match(told ?? "", /by .*step 3 \(restart_service api\.1\)/, why);
    const written = (action: string): number => stepsOf(world, action).length;
    const what = `${why}: ${world.deeds.join(", ")}`;
    assert.ok(count(world, "run ") <= written("run"), what);
    assert.ok(count(world, "restart ") <= written("restart_service"), what);
  }
  assert.ok(kill > 20, `${kill} instants`);
});

test("no more is out at once than the plan allows, whoever took it out", async () => {
  const all = fc.record({
    allowed: fc.integer({ min: 1, max: 5 }),
    /** When each falls ill. */
    ill: fc.array(fc.nat(8), { minLength: 6, maxLength: 6 }),
    /** Drained by the operator from the beginning. */
    drained: fc.subarray([0, 1, 2, 3, 4, 5], { maxLength: 3 }),
    drains: fc.boolean(),
    restartMs: fc.integer({ min: 500, max: 9000 }),
  });
  await fc.assert(
    fc.asyncProperty(all, async ({ allowed, ill, drained, drains, restartMs }) => {
      const world = createWorld();
      world.restartMs = restartMs;
      for (const at of drained) world.instances[at]!.drained = true;
      const limits = { maxUnavailable: { count: allowed }, cooldownMs: 1000, maxAttempts: 9 };
      const steps = drains ? [drain, restart, undrain] : [restart];
      world.recovery.apply(settingsOf(planOf({ steps, limits })));
      for (let second = 0; second < 30; second++) {
        ill.forEach((at, index) => {
          if (at === second) world.instances[index]!.ill = true;
        });
        await world.pass(1000);
      }
      assert.ok(world.mostOut <= Math.max(allowed, drained.length), `${world.mostOut} were out`);
    }),
    { numRuns: 40, seed: 11 },
  );
});
