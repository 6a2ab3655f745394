import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { fadedLatencyUs, observeLatency } from "./peak-ewma.ts";

const DECAY_MS = 1_000;
const known = (latencyUs = 0, atMs = 0) => ({
  latencyUs: Float64Array.of(0, latencyUs),
  latencyAtMs: Float64Array.of(0, atMs),
});

describe("peak EWMA", () => {
  const cases = [
    { name: "the first answer is taken as it is", from: 0, observed: 700, atMs: 5, gives: 700 },
    { name: "a slower answer is believed at once", from: 100, observed: 900, atMs: 0, gives: 900 },
    {
      name: "a faster one at the same instant not at all",
      from: 900,
      observed: 1,
      atMs: 0,
      gives: 900,
    },
    {
      name: "a faster one gains 63 % in one decay",
      from: 1_000,
      observed: 100,
      atMs: 1_000,
      gives: 100 + 900 / Math.E,
    },
    {
      name: "a clock that went back stands still",
      from: 900,
      observed: 100,
      atMs: -50,
      gives: 900,
    },
    {
      name: "an answer within no time is known nevertheless",
      from: 0,
      observed: 0,
      atMs: 0,
      gives: 1,
    },
  ];
  for (const { name, from, observed, atMs, gives } of cases) {
    test(name, () => {
      const facts = known(from);
      observeLatency(facts, 1, observed, atMs, DECAY_MS);
      assert.ok(Math.abs(facts.latencyUs[1]! - gives) < 1e-9, `${facts.latencyUs[1]}`);
      assert.equal(facts.latencyAtMs[1], atMs);
      assert.equal(facts.latencyUs[0], 0);
    });
  }

  test("fades towards zero, halving in 0.69 decays", () => {
    assert.equal(fadedLatencyUs(known(800, 10), 1, 10, DECAY_MS), 800);
    const half = fadedLatencyUs(known(800, 10), 1, 10 + DECAY_MS * Math.LN2, DECAY_MS);
    assert.ok(Math.abs(half - 400) < 1e-9);
    assert.equal(fadedLatencyUs(known(0), 1, 10, DECAY_MS), 0);
  });

  test("stays between the least and the most that was observed", () => {
    const answer = fc.record({ us: fc.integer({ min: 1, max: 1e6 }), afterMs: fc.nat(5_000) });
    const property = fc.property(fc.array(answer, { minLength: 1 }), (answers) => {
      const facts = known();
      let nowMs = 0;
      for (const { us, afterMs } of answers) {
        observeLatency(facts, 1, us, (nowMs += afterMs), DECAY_MS);
        assert.ok(facts.latencyUs[1]! >= us - 1e-6, "never below the answer just seen");
      }
      assert.ok(facts.latencyUs[1]! <= Math.max(...answers.map(({ us }) => us)) + 1e-6);
    });
    fc.assert(property, { seed: 1 });
  });
});
