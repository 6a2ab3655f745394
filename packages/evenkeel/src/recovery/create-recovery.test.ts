import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  createWorld,
  planOf,
  restart,
  settingsOf,
  stepOf,
  isFine,
  type World,
} from "./testing/world.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";

function worldWith(plan: PlanSettings = planOf(), count = 6): World {
  const world = createWorld(count);
  world.recovery.apply(settingsOf(plan));
  return world;
}

const only = (world: World) => world.history.incidents.list(10).at(-1)!;

describe("the loop", () => {
  test("detects, acts on the one that is ill, verifies, resolves and reports quietly", async () => {
    const world = worldWith();
    await world.pass(3000);
    world.instances[1]!.ill = true;
    const faultAtMs = world.clock.nowMs() + 1000;
    await world.pass(20_000);
    assert.deepEqual(world.deeds, ["restart api.2"]);
    const incident = only(world);
    assert.equal(incident.object, "api.2");
    assert.equal(incident.state, "resolved");
    assert.equal(incident.handling, "auto");
    assert.equal(
      incident.faultAtMs,
      faultAtMs,
      "the first bad sample, not the moment of detection",
    );
    assert.equal(incident.detectedAtMs, faultAtMs + 2000);
    assert.deepEqual(
      world.notices.map(({ kind }) => kind),
      ["report"],
    );
    assert.deepEqual(world.notices[0]!.receivers, ["channel"]);
    assert.match(
      world.notices[0]!.summary,
      /^api\.2 healed in [\d.]+ s by step 1 \(restart_service api\.2\)$/,
    );
    assert.equal(incident.mitigatedAtMs, faultAtMs + 3000, "the restart took a second");
    assert.equal(incident.resolvedAtMs, incident.mitigatedAtMs + 5000, "the grace");
    assert.deepEqual(world.history.ledger.unfinished(), []);
    assert.deepEqual(world.history.memory.all("recovery.cases"), []);
  });

  test("a restart that changes nothing is no recovery", async () => {
    const world = worldWith(planOf({ limits: { maxAttempts: 1 } }));
    Object.assign(world.instances[0]!, { ill: true, incurable: true });
    await world.pass(30_000);
    assert.equal(world.instances[0]!.restarts, 1);
    assert.match(world.timeline().join("\n"), /all steps are done, but the trigger still holds/);
    assert.deepEqual(
      world.notices.map(({ kind }) => kind),
      ["page"],
    );
    assert.equal(only(world).handling, "human");
    await world.pass(60_000);
    assert.equal(world.notices.length, 1, "called once");
  });

  test("what nobody measures proves nothing, unless the plan verified something itself", async () => {
    const blind = worldWith(planOf({ limits: { maxAttempts: 1 } }));
    const sure = worldWith(
      planOf({
        steps: [
          restart,
          stepOf({ action: "verify_health", target: "", endpoint: "/", expected: [] }),
        ],
      }),
    );
    for (const world of [blind, sure]) {
      world.instances[0]!.ill = true;
      world.instances[0]!.incurable = true;
      await world.pass(4000);
      world.instances[0]!.ill = undefined;
      await world.pass(30_000);
    }
    assert.match(blind.timeline().join("\n"), /nobody can say whether it helped/);
    assert.deepEqual(
      blind.notices.map(({ kind }) => kind),
      [],
    );
    assert.match(sure.timeline().join("\n"), /of the trigger nothing is known/);
  });

  test("a fault that ends by itself is noted as such, and nobody is called", async () => {
    const world = worldWith(planOf({ mode: "dry_run" }));
    world.instances[0]!.ill = true;
    await world.pass(4000);
    world.instances[0]!.ill = false;
    await world.pass(10_000);
    assert.deepEqual(world.deeds, []);
    assert.equal(only(world).state, "resolved");
    assert.match(world.timeline().join("\n"), /by itself, without action/);
    assert.deepEqual(
      world.notices.map(({ kind }) => kind),
      ["report"],
    );
  });

  test("what comes back is the same incident, and the next attempt", async () => {
    const world = worldWith(planOf({ limits: { cooldownMs: 20_000 } }));
    const one = world.instances[0]!;
    Object.assign(one, { ill: true, incurable: true });
    await world.pass(22_000);
    assert.deepEqual([only(world).state, one.restarts], ["open", 1]);
    one.ill = false;
    await world.pass(2000);
    assert.equal(only(world).state, "mitigated");
    Object.assign(one, { ill: true, incurable: false });
    await world.pass(1000);
    assert.equal(only(world).state, "mitigated", "one bad sample does not bring it back");
    await world.pass(4000);
    assert.equal(only(world).state, "open");
    await world.pass(30_000);
    assert.deepEqual([only(world).state, one.restarts], ["resolved", 2]);
    assert.equal(world.history.incidents.list(10).length, 1);
    assert.match(world.timeline().join("\n"), /it is back/);
  });

  test("steps are verified, retried and reverted in reverse order", async () => {
    const steps = [
      stepOf({ action: "drain", target: "api" }, { undo: true }),
      stepOf({ action: "set_weight", target: "", weight: 5 }, { undo: true }),
      stepOf(
        { action: "run", command: ["./fix", "{{object}}"], env: {}, cwd: "/" },
        { retries: 1 },
      ),
    ];
    const world = worldWith(planOf({ steps, limits: { maxAttempts: 1 } }));
    world.run = async () => ({ ok: false, text: "it exited with 1", output: "no such cache" });
    world.instances[2]!.ill = true;
    await world.pass(10_000);
    const fix = "run ./fix api.3";
    assert.deepEqual(world.deeds, [
      "drain api.3",
      "weight 5 api.3",
      fix,
      fix,
      "weight undefined api.3",
      "undrain api.3",
    ]);
    const states = world.history.ledger.list(20).map(({ kind, state }) => `${kind} ${state}`);
    assert.deepEqual(states.toReversed(), [
      "plan.run failed",
      "plan.step undone",
      "plan.step undone",
      "plan.step failed",
      "plan.step failed",
      "plan.undo done",
      "plan.undo done",
    ]);
    assert.match(world.timeline().join("\n"), /output: no such cache/);
  });

  test("what can't be reverted is a person's work", async () => {
    const steps = [
      stepOf({ action: "drain", target: "api" }, { undo: true }),
      stepOf({ action: "run", command: ["x"], env: {}, cwd: "/" }),
    ];
    const world = worldWith(planOf({ steps, limits: { cooldownMs: 600_000 } }));
    world.run = async () => ({ ok: false, text: "it exited with 1", output: "" });
    world.failing = "undrain";
    world.instances[0]!.ill = true;
    await world.pass(10_000);
    assert.match(
      world.notices[0]?.summary ?? "",
      /undrain api\.1 failed \(broken\): do it by hand/,
    );
  });

  test("what is gone needs no revert, and nobody", async () => {
    const steps = [
      stepOf({ action: "drain", target: "api" }, { undo: true }),
      stepOf({ action: "run", command: ["x"], env: {}, cwd: "/" }),
    ];
    const world = worldWith(planOf({ steps, limits: { cooldownMs: 600_000 } }));
    world.run = async () => {
      world.instances.pop();
      return { ok: false, text: "it exited with 1", output: "" };
    };
    world.instances.at(-1)!.ill = true;
    await world.pass(10_000);
    assert.match(world.timeline().join("\n"), /api\.6 is gone: there is nothing to revert/);
    assert.deepEqual(
      world.notices.filter(({ kind }) => kind === "page"),
      [],
    );
  });

  test("a step's own condition must become true", async () => {
    const step = stepOf({ action: "drain", target: "api" }, { verify: isFine, timeoutMs: 3000 });
    const world = worldWith(planOf({ steps: [step, restart], limits: { maxAttempts: 1 } }));
    Object.assign(world.instances[0]!, { ill: true, incurable: true });
    await world.pass(12_000);
    assert.deepEqual(world.deeds, ["drain api.1"]);
    assert.match(world.timeline().join("\n"), /up == 1: it did not become true/);
  });

  test("a step that hangs is given up at its time-out", async () => {
    const world = worldWith(
      planOf({ steps: [{ ...restart, timeoutMs: 3000 }], limits: { maxAttempts: 1 } }),
    );
    world.restartMs = 1e9;
    world.instances[0]!.ill = true;
    await world.pass(10_000);
    assert.match(world.timeline().join("\n"), /it took too long/);
    assert.equal(world.recovery.runs().length, 0);
  });
});

describe("modes:", () => {
  test("off does not look", async () => {
    const world = worldWith(planOf({ mode: "off" }));
    world.instances[0]!.ill = true;
    await world.pass(10_000);
    assert.deepEqual(world.history.incidents.list(10), []);
  });

  test("dry_run says what it would have done, once", async () => {
    const world = worldWith(planOf({ mode: "dry_run" }));
    Object.assign(world.instances[3]!, { ill: true, incurable: true });
    await world.pass(20_000);
    assert.deepEqual(world.deeds, []);
    const said = world.timeline().filter((text) => text.includes("dry run"));
    assert.deepEqual(said, ["dry run: would have done: restart_service api.4"]);
  });

  test("approve waits for a person, who may say no", async () => {
    for (const answer of ["go", "stop"] as const) {
      const world = worldWith(planOf({ mode: "approve" }));
      world.instances[0]!.ill = true;
      await world.pass(10_000);
      assert.deepEqual(world.deeds, []);
      const [run] = world.recovery.runs();
      assert.match(
        run?.question ?? "",
        /^mend wants to do this for api\.1: restart_service api\.1$/,
      );
      assert.deepEqual(
        world.notices.map(({ kind }) => kind),
        ["page"],
      );
      assert.deepEqual(world.recovery.answer(run!.run, answer, "ada"), { ok: true });
      await world.pass(40_000);
      assert.deepEqual(world.deeds, answer === "go" ? ["restart api.1"] : []);
      assert.match(world.timeline().join("\n"), new RegExp(`ada says ${answer}`));
      assert.equal(world.recovery.answer(run!.run, answer, "ada").ok, false);
    }
  });

  test("approve makes it a person's incident", async () => {
    const world = worldWith(planOf({ mode: "approve" }));
    world.instances[0]!.ill = true;
    await world.pass(4000);
    assert.equal(only(world).handling, "human");
  });

  test("nobody's answer is a no", async () => {
    const world = worldWith(planOf({ mode: "approve" }));
    world.instances[0]!.ill = true;
    await world.pass(31 * 60_000);
    assert.deepEqual(world.deeds, []);
    assert.match(world.timeline().join("\n"), /nobody answered in time: stop/);
    const pages = world.notices.filter(({ kind }) => kind === "page");
    assert.match(pages.at(-1)?.summary ?? "", /^api\.1 needs a person: mend: nobody answered: /);
    assert.notEqual(pages[0]?.key, pages[1]?.key, "the question was taken back, the call was not");
  });
});

describe("the operator", () => {
  test("wins: a run whose object is taken ends, says so and begins no more", async () => {
    const world = worldWith();
    world.restartMs = 5000;
    world.instances[0]!.ill = true;
    await world.pass(4000);
    assert.equal(world.recovery.runs().length, 1);
    world.locks.seize("api.1", "operator ada");
    await world.pass(20_000);
    assert.equal(world.recovery.runs().length, 0);
    assert.deepEqual(world.deeds, ["restart api.1"]);
    assert.match(world.timeline().join("\n"), /aborted: the operator took api\.1 over/);
    assert.equal(only(world).handling, "human");
  });

  test("may run a plan by hand, whatever its mode and the freeze say", async () => {
    const world = worldWith(planOf({ mode: "off" }));
    world.recovery.freeze("ada", "maintenance");
    assert.deepEqual(world.recovery.trigger("mend", "api.2", "ada"), { ok: true });
    await world.pass(20_000);
    assert.deepEqual(world.deeds, ["restart api.2"]);
    assert.deepEqual(world.recovery.trigger("mend", "api.9", "ada"), {
      ok: false,
      problem: "there is no api.9",
    });
    assert.deepEqual(world.recovery.trigger("men", "api.1", "ada"), {
      ok: false,
      problem: "there is no plan men",
    });
  });

  test("who says that it is over is believed until the trigger was false once", async () => {
    const world = worldWith(planOf({ limits: { maxAttempts: 1 } }));
    Object.assign(world.instances[0]!, { ill: true, incurable: true });
    await world.pass(30_000);
    const { id } = only(world);
    assert.deepEqual(world.recovery.acknowledge(id, "ada"), { ok: true });
    assert.deepEqual(world.recovery.resolve(id, "ada"), { ok: true });
    assert.equal(world.recovery.resolve(id, "ada").ok, false);
    assert.equal(world.notices.at(-1)?.kind, "over");
    await world.pass(60_000);
    assert.equal(world.history.incidents.list(10).length, 1);
    world.instances[0]!.ill = false;
    await world.pass(10_000);
    world.instances[0]!.ill = true;
    await world.pass(5000);
    assert.equal(world.history.incidents.list(10).length, 2);
    assert.equal(world.history.incidents.get(id)?.incident.acknowledgedBy, "ada");
  });

  test("freezes and thaws, over a restart", async () => {
    const world = worldWith();
    world.recovery.freeze("ada", "deploy");
    world.crash(settingsOf(planOf()));
    assert.equal(world.recovery.frozen()?.by, "ada");
    world.instances[0]!.ill = true;
    await world.pass(10_000);
    assert.deepEqual([world.deeds, world.notices], [[], []]);
    assert.match(world.timeline().join("\n"), /refused: all plans are frozen by ada: deploy/);
    assert.equal(world.recovery.plans()[0]?.state, "frozen");
    world.recovery.thaw("ada");
    await world.pass(3000);
    assert.deepEqual(world.deeds, ["restart api.1"]);
  });
});

describe("triggers by alerts", () => {
  const plan = planOf({
    trigger: { kind: "alert", alert: "Slow", labels: { team: "a" } },
    steps: [restart, stepOf({ action: "verify_health", target: "", endpoint: "/h", expected: [] })],
  });

  test("act on what the alert is about, and end with it", async () => {
    const world = worldWith(plan);
    const about = { process: "api", instance: "api.3" };
    world.recovery.alert("Slow", { team: "b" }, about, "firing");
    world.recovery.alert("Fast", { team: "a" }, about, "firing");
    await world.pass(3000);
    assert.deepEqual(world.history.incidents.list(9), []);
    world.recovery.alert("Slow", { team: "a", more: "x" }, about, "firing");
    await world.pass(3000);
    assert.deepEqual(world.deeds, ["restart api.3"]);
    world.recovery.alert("Slow", { team: "a" }, about, "resolved");
    await world.pass(20_000);
    assert.equal(only(world).state, "resolved");
  });

  test("on names that are not here act on what the plan names", async () => {
    const world = worldWith(plan);
    world.recovery.alert("Slow", { team: "a" }, { instance: "10.0.0.7:9100" }, "firing");
    await world.pass(9000);
    assert.equal(only(world).object, "api");
    assert.deepEqual(world.deeds, ["restart api"]);
  });
});

test("an incident whose plan is removed is closed, not healed", async () => {
  const world = worldWith(planOf({ limits: { maxAttempts: 1 } }));
  Object.assign(world.instances[0]!, { ill: true, incurable: true });
  await world.pass(60_000);
  world.recovery.apply(settingsOf());
  const [one] = world.history.incidents.list(1);
  assert.deepEqual(
    [one?.state, one?.handling, one?.mitigatedAtMs],
    ["resolved", "human", undefined],
  );
  assert.match(world.timeline().at(-1) ?? "", /^closed: its plan was removed or switched off/);
  assert.deepEqual(
    world.notices.map(({ kind, summary }) => [kind, /healed/.test(summary)]),
    [
      ["page", false],
      ["over", false],
    ],
  );
});

test("a plan that is removed or switched off reverts what it is at", async () => {
  for (const after of [settingsOf(), settingsOf(planOf({ mode: "off" }))]) {
    const steps = [
      stepOf({ action: "drain", target: "api" }, { undo: true }),
      stepOf({ action: "wait", ms: 60_000 }),
    ];
    const world = worldWith(planOf({ steps }));
    world.instances[0]!.ill = true;
    await world.pass(6000);
    world.recovery.apply(after);
    await world.pass(3000);
    assert.deepEqual(world.deeds, ["drain api.1", "undrain api.1"]);
    assert.equal(only(world).state, "resolved");
    assert.deepEqual(world.history.ledger.unfinished(), []);
  }
});

test("drills are marked, and proofs of plans are remembered and grow old", async () => {
  const world = worldWith(planOf({ provenWithinMs: 10_000 }));
  assert.equal(world.recovery.plans()[0]?.unproven, true);
  world.drill = "kill-one";
  world.instances[0]!.ill = true;
  await world.pass(20_000);
  assert.equal(only(world).drill, "kill-one");
  world.recovery.proven("mend", world.clock.nowMs());
  assert.equal(world.recovery.plans()[0]?.unproven, false);
  await world.pass(11_000);
  assert.equal(world.recovery.plans()[0]?.unproven, true);
});
