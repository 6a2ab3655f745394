import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import { newMachine, step, trafficOf, type Machine, type MachineEvent } from "./instance-state.ts";
import { processSettings, restartSettings, servingSettings } from "./testing/settings.ts";

/** What really is there: children by the launch that made them, and what they were told. */
interface World {
  machine: Machine;
  nowMs: number;
  /** Launches that are being prepared, and whose child lives. */
  preparing: Set<number>;
  living: Set<number>;
  passed: Set<number>;
  /** When a living child was first asked to end. */
  askedAtMs: number | undefined;
  killedAtMs: number | undefined;
}

type Move =
  | { readonly move: "ask"; readonly kind: "start" | "stop" | "restart" }
  | { readonly move: "prepare" | "tell" | "pass" | "drain" | "die" | "stale" }
  | { readonly move: "refuse" }
  | { readonly move: "wait"; readonly ms: number };

const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom<Move>(
    { move: "ask", kind: "start" },
    { move: "ask", kind: "stop" },
    { move: "ask", kind: "restart" },
    { move: "prepare" },
    { move: "prepare" },
    { move: "tell" },
    { move: "tell" },
    { move: "pass" },
    { move: "drain" },
    { move: "die" },
    { move: "refuse" },
    { move: "stale" },
  ),
  fc.nat(6000).map((ms): Move => ({ move: "wait", ms })),
);

function apply(world: World, event: MachineEvent, settings: ProcessSettings): void {
  const before = world.machine;
  const { machine, effects } = step(before, event, { settings, nowMs: world.nowMs, random: 0.5 });
  world.machine = machine;
  for (const effect of effects) {
    if (effect.kind === "launch") {
      assert.equal(world.living.size, 0, "a second child");
      assert.equal(effect.attempt, machine.attempt);
      world.preparing.add(effect.attempt);
    }
    if (effect.kind === "signal") {
      assert.equal(machine.child === "none" || machine.child === "preparing", false);
      world.askedAtMs ??= world.nowMs;
      if (effect.signal === "SIGKILL") world.killedAtMs ??= world.nowMs;
    }
  }
}

function check(world: World, settings: ProcessSettings): void {
  const { machine } = world;
  const isThere = world.living.size > 0;
  assert.equal(machine.child === "ordered" || machine.child === "alive", isThere);
  if (trafficOf(machine) === "ready") {
    assert.ok(isThere, "traffic to nobody");
    assert.ok(world.passed.has(machine.attempt), "traffic to who is not ready");
  }
  const waits = ["DRAINING", "STOPPING", "UNKNOWN", "BACKOFF"].includes(machine.state);
  if (waits) assert.notEqual(machine.dueAtMs, undefined, `${machine.state} forever`);
  if (machine.state === "STARTING" && machine.child === "alive") {
    assert.notEqual(machine.dueAtMs, undefined, "starting forever");
  }
  if (world.askedAtMs !== undefined && isThere) {
    const lateMs = world.nowMs - world.askedAtMs;
    assert.ok(lateMs < settings.stop.timeoutMs || world.killedAtMs !== undefined, "not killed");
  }
  assert.ok(machine.reason.length > 0 && machine.reason.length < 300, machine.reason);
}

/** Time goes in steps, from one thing that is due to the next. */
function wait(world: World, ms: number, settings: ProcessSettings): void {
  const untilMs = world.nowMs + ms;
  for (let rounds = 0; rounds < 10_000; rounds++) {
    const due = world.machine.dueAtMs;
    if (due === undefined || due > untilMs) break;
    world.nowMs = Math.max(world.nowMs, due);
    apply(world, { kind: "due" }, settings);
    check(world, settings);
    assert.ok(rounds < 9999, "time stands still");
  }
  world.nowMs = untilMs;
}

function carryOut(world: World, move: Move, settings: ProcessSettings): void {
  const { attempt } = world.machine;
  const isThere = world.living.size > 0;
  switch (move.move) {
    case "ask":
      return apply(world, { kind: move.kind, reason: "asked" }, settings);
    case "prepare": {
      // Whoever prepares looks whether it is still wanted.
      const isWanted = world.machine.child === "preparing" && world.preparing.has(attempt);
      world.preparing.clear();
      if (!isWanted) return;
      world.living.add(attempt);
      return apply(world, { kind: "ordered", attempt }, settings);
    }
    case "tell":
      return isThere ? apply(world, { kind: "launched", attempt }, settings) : undefined;
    case "refuse":
      if (world.machine.child !== "preparing" && world.machine.child !== "ordered") return;
      world.living.clear();
      world.askedAtMs = world.killedAtMs = undefined;
      return apply(world, { kind: "refused", attempt, reason: "no" }, settings);
    case "pass":
      if (world.machine.child !== "alive") return;
      world.passed.add(attempt);
      return apply(world, { kind: "passed", attempt, reason: "yes" }, settings);
    case "drain":
      return apply(world, { kind: "drained" }, settings);
    case "die":
      if (!isThere) return;
      world.living.clear();
      world.askedAtMs = world.killedAtMs = undefined;
      return apply(world, { kind: "exited", attempt, code: 1, signal: undefined }, settings);
    case "stale": {
      const before = world.machine;
      apply(world, { kind: "exited", attempt: attempt - 1, code: 1, signal: undefined }, settings);
      apply(world, { kind: "passed", attempt: attempt + 1, reason: "old" }, settings);
      return assert.deepEqual(world.machine, before);
    }
    case "wait":
      return wait(world, move.ms, settings);
  }
}

const newWorld = (): World => ({
  machine: newMachine("new"),
  nowMs: 1000,
  preparing: new Set(),
  living: new Set(),
  passed: new Set(),
  askedAtMs: undefined,
  killedAtMs: undefined,
});

const kinds: readonly [name: string, settings: ProcessSettings][] = [
  ["one that serves", servingSettings()],
  [
    "one that says when it is ready",
    servingSettings({ ready: { kind: "notify", timeoutMs: 3000 } }),
  ],
  ["one that ends for good", processSettings({ restart: restartSettings({ policy: "never" }) })],
  [
    "one that gives up",
    servingSettings({
      // oxlint-disable-next-line no-thenable -- a word, not a function
      restart: restartSettings({ then: "stop", delaysMs: [0] }),
    }),
  ],
];

for (const [name, settings] of kinds) {
  test(`whatever happens to ${name}: one child, no traffic before it is ready, no end without KILL`, () =>
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 60 }), (many) => {
        const world = newWorld();
        for (const move of many) {
          carryOut(world, move, settings);
          check(world, settings);
        }
        // Asked to stop and killed, it is gone, and stays so.
        apply(world, { kind: "stop", reason: "the end" }, settings);
        wait(world, settings.stop.drainMs + settings.stop.timeoutMs, settings);
        if (world.living.size > 0) carryOut(world, { move: "die" }, settings);
        wait(world, 1_000_000, settings);
        assert.equal(world.machine.state, "STOPPED");
        assert.equal(world.machine.dueAtMs, undefined);
      }),
      { numRuns: 300 },
    ));
}
