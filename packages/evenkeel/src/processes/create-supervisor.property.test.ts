import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import { createFakeWorld, type FakeWorld } from "./testing/fake-world.ts";
import { processSettings, restartSettings, servingSettings } from "./testing/settings.ts";

type Move =
  | { readonly move: "exit"; readonly which: number }
  | { readonly move: "ask"; readonly word: "start" | "stop" | "restart" | "reload" | "rollback" }
  | { readonly move: "one"; readonly word: "start" | "stop" | "restart" | "reload" }
  | { readonly move: "scale"; readonly instances: number }
  | { readonly move: "settings"; readonly version: number; readonly instances: number }
  | { readonly move: "sick"; readonly isSick: boolean }
  | { readonly move: "stubborn"; readonly isStubborn: boolean }
  | { readonly move: "crash"; readonly hard: boolean }
  | { readonly move: "wait"; readonly ms: number };

const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ move: fc.constant("exit" as const), which: fc.nat(5) }),
  fc.record({
    move: fc.constant("ask" as const),
    word: fc.constantFrom("start", "stop", "restart", "reload", "rollback"),
  }),
  fc.record({
    move: fc.constant("one" as const),
    word: fc.constantFrom("start", "stop", "restart", "reload"),
  }),
  fc.record({ move: fc.constant("scale" as const), instances: fc.nat(3) }),
  fc.record({
    move: fc.constant("settings" as const),
    version: fc.integer({ min: 1, max: 3 }),
    instances: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ move: fc.constant("sick" as const), isSick: fc.boolean() }),
  fc.record({ move: fc.constant("stubborn" as const), isStubborn: fc.boolean() }),
  fc.record({ move: fc.constant("crash" as const), hard: fc.boolean() }),
  fc.record({ move: fc.constant("wait" as const), ms: fc.nat(4000) }),
);

function settingsOf(version: number, instances: number, spare: boolean): ProcessSettings[] {
  const rules = { restart: restartSettings({ limit: undefined }) };
  const ports = spare ? [] : [9101, 9102, 9103];
  return [
    servingSettings({ ...rules, ports, instances, fingerprint: `version ${version}` }),
    processSettings({ ...rules, name: "job", dependsOn: ["api"] }),
  ];
}

interface Scene {
  readonly world: FakeWorld;
  settings: readonly ProcessSettings[];
}

async function carryOut(scene: Scene, move: Move, spare: boolean): Promise<void> {
  const { world } = scene;
  const { supervisor } = world;
  switch (move.move) {
    case "exit": {
      const children = [...world.living.values()];
      const child = children[move.which % Math.max(1, children.length)];
      if (child) await world.exit(`${child.order.process}.${child.order.index}`);
      return;
    }
    case "ask":
      return void supervisor[move.word]("api");
    case "one":
      return void supervisor[move.word]("api.1");
    case "scale":
      return void supervisor.scale("api", move.instances);
    case "settings":
      scene.settings = settingsOf(move.version, move.instances, spare);
      return supervisor.apply(scene.settings);
    case "sick":
      world.manners.isReady = () => !move.isSick;
      return;
    case "stubborn":
      world.manners.ignores = () => move.isStubborn;
      return;
    case "crash":
      return world.crash(scene.settings, move.hard);
    case "wait":
      return world.clock.advance(move.ms);
  }
}

function check(world: FakeWorld): void {
  const children = [...world.living.values()];
  const ports = children.flatMap(({ order }) => order.port ?? []);
  assert.equal(new Set(ports).size, ports.length, "two children on one port");
  const runs = children.map(({ order }) => order.run);
  assert.equal(new Set(runs).size, runs.length);
  const ready = [...world.traffic].filter(([, state]) => state === "ready");
  for (const [address] of ready) {
    const port = Number(address.split(":")[1]);
    assert.ok(ports.includes(port), `traffic to ${address}, where nobody is`);
    assert.ok(world.passed.has(port), `traffic to ${address}, which is not ready`);
  }
  const perName = new Map<string, number>();
  for (const { order } of children) {
    const name = `${order.process}.${order.index}`;
    perName.set(name, (perName.get(name) ?? 0) + 1);
  }
  // One that leaves while its successor is there; after a change of mind, another.
  for (const [name, count] of perName) assert.ok(count <= 3, `${count} of ${name}`);
}

for (const spare of [true, false]) {
  const ports = spare ? "free ports" : "three ports";
  test(`whatever happens with ${ports}: no traffic to who is not ready, and in the end all is well`, () =>
    fc.assert(
      fc.asyncProperty(fc.array(moves, { maxLength: 25 }), async (many) => {
        const world = createFakeWorld();
        const scene: Scene = { world, settings: settingsOf(1, 2, spare) };
        world.supervisor.apply(scene.settings);
        await world.settle();
        for (const move of many) {
          await carryOut(scene, move, spare);
          await world.settle();
          check(world);
        }
        world.manners.isReady = () => true;
        world.manners.ignores = () => false;
        void world.supervisor.start("all");
        for (let second = 0; second < 60; second++) {
          await world.clock.advance(1000);
          check(world);
        }
        const states = world.supervisor.list().map(({ name, state }) => `${name} ${state}`);
        const wrong = states.filter((one) => !/^(api\.\d READY|job\.1 RUNNING)$/.test(one));
        assert.deepEqual(wrong, [], states.join(", "));
        assert.equal(world.living.size, states.length, "somebody lives whom nobody knows");
        assert.equal(world.traffic.size, states.length - 1);
        world.supervisor.close();
      }),
      { numRuns: 150 },
    ));
}
