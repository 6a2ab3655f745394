import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { AlertWorld, notice, receiver, route, settingsOf } from "./testing/alert-world.ts";
import type { Manner } from "./testing/alert-world.ts";

// Alerts come and go, receivers fail in every way, and Evenkeel is killed at any moment. Whatever the
// order: who is to be told is told, and nobody is paged twice for one thing.

const REPEAT_S = 1200;
const alerts = ["a", "b", "c"] as const;
const names = ["one", "two"] as const;

type Event =
  | { readonly kind: "fire" | "resolve" | "acknowledge"; readonly alert: (typeof alerts)[number] }
  | { readonly kind: "manner"; readonly receiver: (typeof names)[number]; readonly manner: Manner }
  | { readonly kind: "pass"; readonly seconds: number }
  | { readonly kind: "crash" };

const event = fc.oneof<fc.Arbitrary<Event>[]>(
  fc.record({
    kind: fc.constantFrom("fire" as const, "resolve" as const, "acknowledge" as const),
    alert: fc.constantFrom(...alerts),
  }),
  fc.record({
    kind: fc.constant("manner" as const),
    receiver: fc.constantFrom(...names),
    manner: fc.constantFrom<Manner>("takes", "takes", "fails", "refuses", "lost", "hangs"),
  }),
  fc.record({ kind: fc.constant("pass" as const), seconds: fc.integer({ min: 1, max: 400 }) }),
  fc.record({ kind: fc.constant("crash" as const) }),
);

const grouping = fc.constantFrom(undefined, [] as string[], ["alert"]);

async function play(world: AlertWorld, events: readonly Event[]): Promise<Map<string, number>> {
  const lives = new Map<string, number>();
  for (const event of events) {
    if (event.kind === "pass") await world.pass(event.seconds);
    else if (event.kind === "crash") world.crash();
    else if (event.kind === "manner") world.manners.set(event.receiver, event.manner);
    else if (event.kind === "resolve") {
      world.alerts.resolve(event.alert);
      lives.delete(event.alert);
    } else if (event.kind === "acknowledge") world.alerts.acknowledge(event.alert, "ada");
    else {
      if (!lives.has(event.alert)) lives.set(event.alert, world.nowMs);
      world.alerts.fire(notice(event.alert));
    }
  }
  return lives;
}

function worldOf(groupBy: string[] | undefined): AlertWorld {
  const times = { groupWaitMs: 10_000, groupIntervalMs: 60_000, repeatMs: REPEAT_S * 1000 };
  const receivers = names.map((name) => receiver(name, name === "one" ? "webhook" : "pagerduty"));
  const routes = [route([...names], { groupBy, ...times })];
  return new AlertWorld(settingsOf({ receivers, routes }));
}

function answerAgain({ manners }: AlertWorld): void {
  for (const [name, manner] of manners) if (manner === "lost") manners.set(name, "takes");
}

/** What a receiver takes an alert for, after all that arrived. */
function picture(world: AlertWorld, name: string): Map<string, string> {
  const shown = new Map<string, string>();
  for (const { receiver, message } of world.arrivals) {
    if (receiver !== name || message.kind !== "alerts") continue;
    for (const { key, status } of message.alerts) shown.set(key, status);
  }
  return shown;
}

test("in the end every receiver knows what fires, and that the rest is over", async () => {
  await fc.assert(
    fc.asyncProperty(grouping, fc.array(event, { maxLength: 25 }), async (groupBy, events) => {
      const world = worldOf(groupBy);
      const firing = await play(world, events);
      for (const name of names) world.manners.set(name, "takes");
      // What was refused waits for its repeat, which is looked for each minute.
      await world.pass(REPEAT_S + 130);
      for (const name of names) {
        const shown = picture(world, name);
        for (const key of firing.keys()) assert.equal(shown.get(key), "firing", `${name} ${key}`);
        for (const [key, status] of shown) {
          if (!firing.has(key)) assert.equal(status, "resolved", `${name} ${key}`);
        }
      }
      assert.ok(!world.alerts.deliveries().some(({ state }) => state === "due"));
      if (firing.size === 0) assert.equal(world.alerts.facts().groups, 0);
    }),
    { numRuns: 60 },
  );
});

test("nobody is told the same twice within the time to repeat", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      const world = worldOf(undefined);
      for (const event of events) {
        await play(world, [event]);
        // Whose answers are lost for longer than it is tried has to be told anew.
        if (event.kind === "pass") answerAgain(world);
      }
      answerAgain(world);
      await world.pass(1800);
      for (const name of names) {
        const last = new Map<string, { readonly id: string; readonly atMs: number }>();
        for (const { receiver, message, atMs } of world.arrivals) {
          if (receiver !== name || message.kind !== "alerts") continue;
          const { groupKey, id, status } = message;
          const before = last.get(groupKey);
          if (status === "resolved") last.delete(groupKey);
          else if (before?.id === id) continue; // Its confirmation was lost: the same once more.
          else {
            const isEarly = before && atMs - before.atMs < REPEAT_S * 1000;
            assert.ok(
              !isEarly,
              `${name} was told of ${groupKey} after ${atMs - (before?.atMs ?? 0)} ms`,
            );
            last.set(groupKey, { id, atMs });
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("what was confirmed is not sent again, whatever dies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
      const world = worldOf([]);
      const honest = events.map((one) =>
        one.kind === "manner" && one.manner === "lost" ? { ...one, manner: "fails" as const } : one,
      );
      // A kill between the answer and the note of it is the one moment that can repeat a message:
      // here each answer is noted before the next event.
      for (const one of honest) {
        await play(world, [one]);
        await world.pass(0);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
      await world.pass(120);
      const ids = world.arrivals.map(({ receiver, message }) => `${receiver} ${message.id}`);
      assert.equal(new Set(ids).size, ids.length);
    }),
    { numRuns: 60 },
  );
});
