import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import {
  admission,
  nextBreaker,
  withinLimit,
  type BreakerEvent,
  type BreakerState,
} from "./breaker.ts";

const limits = { ratio: 0.5, minRequests: 10, openMs: 1_000, halfOpenRequests: 2 };

const states = {
  closed: { kind: "closed" },
  open: { kind: "open", untilMs: 5_000 },
  fresh: { kind: "half_open", admitted: 1, passed: 0 },
  full: { kind: "half_open", admitted: 2, passed: 1 },
} as const satisfies Record<string, BreakerState>;

const events = {
  bad: { kind: "counted", totals: { requests: 10, failures: 5 }, nowMs: 4_000 },
  good: { kind: "counted", totals: { requests: 10, failures: 4 }, nowMs: 4_000 },
  few: { kind: "counted", totals: { requests: 9, failures: 9 }, nowMs: 4_000 },
  early: { kind: "requested", nowMs: 4_999 },
  due: { kind: "requested", nowMs: 5_000 },
  passed: { kind: "probe_passed" },
  failed: { kind: "probe_failed", nowMs: 6_000 },
  abandoned: { kind: "probe_abandoned" },
} as const satisfies Record<string, BreakerEvent>;

type Table = Record<keyof typeof states, Partial<Record<keyof typeof events, BreakerState>>>;

/** What is not listed changes nothing. */
const table: Table = {
  closed: { bad: { kind: "open", untilMs: 5_000 } },
  open: { due: { kind: "half_open", admitted: 1, passed: 0 } },
  fresh: {
    early: { kind: "half_open", admitted: 2, passed: 0 },
    due: { kind: "half_open", admitted: 2, passed: 0 },
    passed: { kind: "half_open", admitted: 1, passed: 1 },
    failed: { kind: "open", untilMs: 7_000 },
    abandoned: { kind: "half_open", admitted: 0, passed: 0 },
  },
  full: {
    passed: { kind: "closed" },
    failed: { kind: "open", untilMs: 7_000 },
    abandoned: { kind: "half_open", admitted: 1, passed: 1 },
  },
};

describe("breaker", () => {
  for (const [stateName, state] of Object.entries(states)) {
    for (const [eventName, event] of Object.entries(events)) {
      const changes = table[stateName as keyof Table][eventName as keyof typeof events];
      test(`${stateName}, ${eventName}: ${changes === undefined ? "stays" : changes.kind}`, () => {
        const next = nextBreaker(state, event, limits);
        if (changes === undefined) assert.equal(next, state);
        else assert.deepEqual(next, changes);
      });
    }
  }

  const admissions = [
    { state: states.closed, nowMs: 0, says: "pass" },
    { state: states.open, nowMs: 4_999, says: "refuse" },
    { state: states.open, nowMs: 5_000, says: "probe" },
    { state: states.fresh, nowMs: 0, says: "probe" },
    { state: states.full, nowMs: 9e9, says: "refuse" },
  ];
  for (const { state, nowMs, says } of admissions) {
    test(`${JSON.stringify(state)} tells a request at ${nowMs} to ${says}`, () => {
      assert.equal(admission(state, nowMs, limits), says);
    });
  }

  test("no failures never open it, however low the ratio", () => {
    const totals = { requests: 100, failures: 0 };
    const eager = { ...limits, ratio: 0 };
    const next = nextBreaker(states.closed, { kind: "counted", totals, nowMs: 0 }, eager);
    assert.equal(next.kind, "closed");
  });

  test("never lets more probes out than wanted, and always comes back to closed", () => {
    const step = fc.constantFrom("request", "passed", "failed", "abandoned", "wait");
    const property = fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const breaker: { state: BreakerState } = { state: { kind: "open", untilMs: 500 } };
      let nowMs = 0;
      let out = 0;
      const feed = (event: BreakerEvent) => {
        const was = breaker.state.kind;
        breaker.state = nextBreaker(breaker.state, event, limits);
        // Probes of a half-open time that is over are told apart by their caller.
        if (was === "half_open" && breaker.state.kind !== "half_open") out = 0;
      };
      const request = () => {
        const answer = admission(breaker.state, nowMs, limits);
        if (answer === "probe") out++;
        feed({ kind: "requested", nowMs });
      };
      for (const each of steps) {
        if (each === "wait") nowMs += 400;
        else if (each === "request") request();
        else if (out > 0) {
          out--;
          feed({ kind: `probe_${each}`, nowMs });
        }
        assert.ok(out <= limits.halfOpenRequests);
        const { state } = breaker;
        if (state.kind === "half_open") assert.equal(state.admitted, out + state.passed);
      }
      for (let turn = 0; turn < 6 && breaker.state.kind !== "closed"; turn++) {
        nowMs += limits.openMs;
        request();
        if (out > 0) out--;
        feed({ kind: "probe_passed" });
      }
      assert.equal(breaker.state.kind, "closed");
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });
});

describe("limits", () => {
  const cases = [
    { within: true, current: 1e9, limit: 0 },
    { within: true, current: 9, limit: 10 },
    { within: false, current: 10, limit: 10 },
  ];
  for (const { within, current, limit } of cases) {
    test(`${current} of ${limit} ${within ? "leave" : "leaves no"} room`, () => {
      assert.equal(withinLimit(current, limit), within);
    });
  }
});
