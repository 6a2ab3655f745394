import assert from "node:assert/strict";
import { test } from "node:test";
import type { Member } from "./member.ts";
import { createRamps, rampStepMs } from "./ramps.ts";
import { createFakeClock } from "./testing/fake-clock.ts";
import { endpoint, upstream } from "./testing/settings.ts";
import { firstState } from "./state.ts";

test("a ramp has forty steps, none shorter than 250 ms or longer than 1 s", () => {
  assert.deepEqual(
    [100, 10_000, 20_000, 40_000, 600_000].map(rampStepMs),
    [250, 250, 500, 1000, 1000],
  );
});

test("a ramp started twice has one timer and begins anew", async () => {
  const clock = createFakeClock();
  const done: Member[] = [];
  const ramps = createRamps({
    clock,
    timers: clock,
    step: () => undefined,
    done: (member) => done.push(member),
  });
  const slowStart = { windowMs: 1000, minPercent: 10 };
  const settings = endpoint("a", 1);
  const rules = { healthyThreshold: 1, unhealthyThreshold: 1, slowStart: true };
  const member: Member = {
    settings,
    upstream: upstream("u", [settings], { slowStart }),
    state: firstState(false, rules, 0),
    lastCheck: undefined,
    ejections: 0,
    warmingFromMs: undefined,
    vote: "serves",
  };
  ramps.start(member, slowStart, 0);
  await clock.advance(900);
  ramps.start(member, slowStart, 0);
  assert.equal(clock.pending(), 1);
  await clock.advance(999);
  assert.equal(done.length, 0);
  await clock.advance(1);
  assert.deepEqual([done.length, member.warmingFromMs], [1, undefined]);
  ramps.close();
});
