import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { OperatorCommand } from "./contract.ts";
import {
  type CheckFact,
  type EndpointState,
  type HealthEvent,
  type Rules,
  firstState,
  isCounting,
  next,
  returnsAtMs,
} from "./state.ts";

const rules: Rules = { healthyThreshold: 2, unhealthyThreshold: 3, slowStart: false };
const slow: Rules = { ...rules, slowStart: true };
const NEW_MS = 100;

const pass: HealthEvent = { kind: "checked", passed: true, detail: "ok", atMs: 200 };
const fail: HealthEvent = { kind: "checked", passed: false, detail: "it answered 503", atMs: 200 };
const checkAdded: HealthEvent = { kind: "check-added", atMs: 200 };
const checkRemoved: HealthEvent = { kind: "check-removed", atMs: 200 };
const ejected: HealthEvent = {
  kind: "ejected",
  reason: "5 failed",
  untilMs: 900,
  by: "requests",
  atMs: 200,
};
const ejectionOver: HealthEvent = { kind: "ejection-over", atMs: 200 };
const held: HealthEvent = { kind: "held", reason: "1 failed", untilMs: 800, atMs: 200 };
const holdOver: HealthEvent = { kind: "hold-over", atMs: 200 };
const warmed: HealthEvent = { kind: "warmed", atMs: 200 };
const command = (kind: "drain" | "undrain" | "eject" | "restore"): HealthEvent => ({
  kind: "commanded",
  command: { kind },
  atMs: 200,
});
const process = (state: "ready" | "draining" | "stopped"): HealthEvent => ({
  kind: "process",
  fact: { state, reason: `its process is ${state}` },
  atMs: 200,
});
const processGone: HealthEvent = { kind: "process", fact: undefined, atMs: 200 };
const lowered: HealthEvent = {
  kind: "weighed",
  signal: { percent: 25, reason: "it is slow" },
  atMs: 200,
};
const weigh: HealthEvent = {
  kind: "commanded",
  command: { kind: "weight", weight: 7 } satisfies OperatorCommand,
  atMs: 200,
};

const events = {
  pass,
  fail,
  checkAdded,
  checkRemoved,
  ejected,
  ejectionOver,
  held,
  holdOver,
  warmed,
  drain: command("drain"),
  undrain: command("undrain"),
  eject: command("eject"),
  restore: command("restore"),
  weigh,
  lowered,
  ready: process("ready"),
  emptying: process("draining"),
  stopped: process("stopped"),
  processGone,
};
type EventName = keyof typeof events;

/** Every event one after the other, from a new endpoint. */
function after(checked: boolean, names: readonly EventName[], by: Rules = rules): EndpointState {
  return names.reduce(
    (state, name) => next(state, events[name], by),
    firstState(checked, by, NEW_MS),
  );
}

/** How each state is reached, with a check and slow start off unless said otherwise. */
const reached = {
  healthy: after(true, ["pass"]),
  probing: after(true, []),
  unhealthy: after(true, ["fail"]),
  ejected: after(true, ["pass", "ejected"]),
  failed: after(true, ["pass", "held"]),
  stopped: after(true, ["pass", "stopped"]),
  draining: after(true, ["pass", "drain"]),
  ejected_by_operator: after(true, ["pass", "eject"]),
  warming: after(true, ["pass"], slow),
};

describe("every event in every state", () => {
  // One line per state; what is not named leaves the state as it is.
  const changes: Record<keyof typeof reached, Partial<Record<EventName, string>>> = {
    healthy: {
      stopped: "stopped",
      emptying: "draining",
      ejected: "ejected",
      held: "failed",
      drain: "draining",
      eject: "ejected_by_operator",
    },
    probing: {
      stopped: "stopped",
      emptying: "draining",
      pass: "healthy",
      fail: "unhealthy",
      checkRemoved: "healthy",
      ejected: "ejected",
      drain: "draining",
      eject: "ejected_by_operator",
    },
    unhealthy: {
      stopped: "stopped",
      emptying: "draining",
      checkRemoved: "healthy",
      drain: "draining",
      eject: "ejected_by_operator",
    },
    stopped: {
      ready: "probing",
      emptying: "draining",
      processGone: "probing",
      eject: "ejected_by_operator",
    },
    ejected: {
      stopped: "stopped",
      emptying: "draining",
      ejectionOver: "healthy",
      restore: "healthy",
      drain: "draining",
      eject: "ejected_by_operator",
    },
    failed: {
      stopped: "stopped",
      emptying: "draining",
      holdOver: "healthy",
      ejected: "ejected",
      drain: "draining",
      eject: "ejected_by_operator",
    },
    draining: {
      stopped: "stopped",
      undrain: "healthy",
      restore: "healthy",
      eject: "ejected_by_operator",
    },
    ejected_by_operator: { restore: "healthy", drain: "draining" },
    warming: {
      stopped: "stopped",
      emptying: "draining",
      warmed: "healthy",
      ejected: "ejected",
      held: "failed",
      drain: "draining",
      eject: "ejected_by_operator",
    },
  };
  for (const [from, state] of Object.entries(reached) as [keyof typeof reached, EndpointState][]) {
    for (const [name, event] of Object.entries(events) as [EventName, HealthEvent][]) {
      const expected = changes[from][name] ?? from;
      test(`${name} in ${from} leads to ${expected}`, () => {
        assert.equal(state.state, from);
        const by = from === "warming" ? slow : rules;
        const to = next(state, event, by);
        assert.equal(to.state, expected);
        if (expected === from) {
          assert.deepEqual([to.reason, to.sinceMs], [state.reason, state.sinceMs]);
        } else {
          assert.notEqual(to.reason, state.reason);
          assert.equal(to.sinceMs, event.atMs);
        }
      });
    }
  }
});

describe("thresholds", () => {
  const cases: { name: string; events: EventName[]; state: string; reason: string }[] = [
    {
      name: "one pass is enough for a new one",
      events: ["pass"],
      state: "healthy",
      reason: "its first check passed",
    },
    {
      name: "one failure is enough for a new one",
      events: ["fail"],
      state: "unhealthy",
      reason: "its first check failed: it answered 503",
    },
    {
      name: "two failures of three are not enough",
      events: ["pass", "fail", "fail"],
      state: "healthy",
      reason: "its first check passed",
    },
    {
      name: "a pass starts the count anew",
      events: ["pass", "fail", "fail", "pass", "fail", "fail"],
      state: "healthy",
      reason: "its first check passed",
    },
    {
      name: "three failures in a row",
      events: ["pass", "fail", "fail", "fail"],
      state: "unhealthy",
      reason: "3 checks in a row failed: it answered 503",
    },
    {
      name: "one pass of two does not bring it back",
      events: ["fail", "pass"],
      state: "unhealthy",
      reason: "its first check failed: it answered 503",
    },
    {
      name: "a failure starts the way back anew",
      events: ["fail", "pass", "fail", "pass"],
      state: "unhealthy",
      reason: "its first check failed: it answered 503",
    },
    {
      name: "two passes in a row bring it back",
      events: ["fail", "pass", "pass"],
      state: "healthy",
      reason: "2 checks in a row passed",
    },
  ];
  for (const { name, events, state, reason } of cases) {
    test(name, () => {
      const found = after(true, events);
      assert.deepEqual([found.state, found.reason], [state, reason]);
    });
  }
  test("thresholds of one say so in the singular", () => {
    const single: Rules = { healthyThreshold: 1, unhealthyThreshold: 1, slowStart: false };
    const down = after(true, ["pass", "fail"], single);
    assert.equal(down.reason, "its check failed: it answered 503");
    assert.equal(next(down, pass, single).reason, "its check passed again");
  });
});

describe("what lies under a worse state comes to light when that ends", () => {
  const cases: { events: EventName[]; state: string; reason: string }[] = [
    {
      events: ["pass", "drain", "fail", "fail", "fail", "undrain"],
      state: "unhealthy",
      reason: "3 checks in a row failed: it answered 503",
    },
    {
      events: ["pass", "ejected", "fail", "fail", "fail", "ejectionOver", "pass", "pass"],
      state: "healthy",
      reason: "2 checks in a row passed",
    },
    {
      events: ["pass", "ejected", "fail", "fail", "fail", "pass", "pass"],
      state: "ejected",
      reason: "5 failed",
    },
    {
      events: ["pass", "eject", "ejected", "restore"],
      state: "healthy",
      reason: "restored by the operator",
    },
    { events: ["pass", "drain", "ejected", "undrain"], state: "ejected", reason: "5 failed" },
    { events: ["pass", "held", "ejected", "ejectionOver"], state: "failed", reason: "1 failed" },
    { events: ["held"], state: "probing", reason: "new: waiting for its first check" },
    { events: ["held", "pass"], state: "failed", reason: "1 failed" },
    { events: ["pass", "ejected", "pass", "pass", "pass"], state: "ejected", reason: "5 failed" },
    {
      events: ["fail", "restore"],
      state: "unhealthy",
      reason: "its first check failed: it answered 503",
    },
    { events: ["drain", "undrain"], state: "probing", reason: "waiting for its first check" },
    {
      events: ["pass", "eject", "undrain"],
      state: "ejected_by_operator",
      reason: "ejected by the operator",
    },
    {
      events: ["fail", "checkRemoved", "checkAdded"],
      state: "healthy",
      reason: "no check is configured any more",
    },
  ];
  for (const { events, state, reason } of cases) {
    test(events.join(", "), () => {
      const found = after(true, events);
      assert.deepEqual([found.state, found.reason], [state, reason]);
    });
  }
});

describe("slow start", () => {
  const cases: { name: string; checked: boolean; events: EventName[]; state: string }[] = [
    { name: "a new one without a check", checked: false, events: [], state: "warming" },
    { name: "a new one after its first pass", checked: true, events: ["pass"], state: "warming" },
    { name: "none before the first pass", checked: true, events: [], state: "probing" },
    {
      name: "a recovered one",
      checked: true,
      events: ["pass", "warmed", "fail", "fail", "fail", "pass", "pass"],
      state: "warming",
    },
    {
      name: "after an ejection",
      checked: false,
      events: ["warmed", "ejected", "ejectionOver"],
      state: "warming",
    },
    {
      name: "after the operator restored it",
      checked: false,
      events: ["warmed", "eject", "restore"],
      state: "warming",
    },
    {
      name: "after a drain",
      checked: false,
      events: ["warmed", "drain", "undrain"],
      state: "warming",
    },
    {
      name: "after a hold",
      checked: false,
      events: ["warmed", "held", "holdOver"],
      state: "warming",
    },
    {
      name: "not again while it serves",
      checked: false,
      events: ["warmed", "checkAdded", "fail", "pass"],
      state: "healthy",
    },
    {
      name: "an interrupted one begins anew",
      checked: false,
      events: ["drain", "undrain"],
      state: "warming",
    },
    {
      name: "one that ends while it is out stays over until it returns",
      checked: false,
      events: ["drain", "warmed"],
      state: "draining",
    },
  ];
  for (const { name, checked, events, state } of cases) {
    test(name, () => {
      const found = after(checked, events, slow);
      assert.equal(found.state, state);
      assert.equal(found.warming, state === "warming");
    });
  }
});

describe("new endpoints", () => {
  test("with a check: waits", () => {
    const { state, reason, sinceMs } = firstState(true, rules, 5);
    assert.deepEqual(
      { state, reason, sinceMs },
      {
        state: "probing",
        reason: "new: waiting for its first check",
        sinceMs: 5,
      },
    );
  });
  test("without one: serves", () => {
    const { state, reason } = firstState(false, rules, 5);
    assert.deepEqual(
      { state, reason },
      {
        state: "healthy",
        reason: "new, and no check is configured",
      },
    );
  });
});

describe("the same object where nothing changed", () => {
  const cases: { events: EventName[]; last: EventName }[] = [
    { events: ["pass"], last: "pass" },
    { events: ["fail"], last: "fail" },
    { events: ["pass"], last: "ejectionOver" },
    { events: ["pass"], last: "holdOver" },
    { events: ["pass"], last: "warmed" },
    { events: ["pass"], last: "undrain" },
    { events: ["pass"], last: "restore" },
    { events: ["pass", "drain"], last: "drain" },
    { events: ["pass", "weigh"], last: "weigh" },
    { events: ["pass"], last: "checkAdded" },
  ];
  for (const { events: before, last } of cases) {
    test(`${last} after ${before.join(", ")}`, () => {
      const state = after(true, before);
      assert.equal(next(state, events[last], rules), state);
    });
  }
  test("a check of an endpoint without one", () => {
    const state = after(false, []);
    assert.equal(next(state, fail, rules), state);
    assert.equal(next(state, checkRemoved, rules), state);
  });
});

describe("the operator's weight", () => {
  test("is kept through all states and taken back by undefined", () => {
    const state = after(true, ["weigh", "pass", "drain", "undrain", "checkRemoved"]);
    assert.equal(state.operatorWeight, 7);
    const back = next(
      state,
      { kind: "commanded", command: { kind: "weight", weight: undefined }, atMs: 300 },
      rules,
    );
    assert.equal(back.operatorWeight, undefined);
  });
});

describe("when it returns", () => {
  test("an ejected one at its time, a held one at its own, others never by themselves", () => {
    assert.equal(returnsAtMs(reached.ejected), 900);
    assert.equal(returnsAtMs(reached.failed), 800);
    assert.equal(returnsAtMs(after(true, ["pass", "ejected", "drain"])), undefined);
    assert.equal(returnsAtMs(reached.unhealthy), undefined);
  });
});

describe("counting", () => {
  const cases: { check: CheckFact; counting: boolean }[] = [
    { check: { kind: "none" }, counting: false },
    { check: { kind: "probing" }, counting: true },
    { check: { kind: "passing", failures: 0 }, counting: false },
    { check: { kind: "passing", failures: 1 }, counting: true },
    { check: { kind: "failing", passes: 0, reason: "", everPassed: true }, counting: false },
    { check: { kind: "failing", passes: 1, reason: "", everPassed: true }, counting: true },
  ];
  for (const { check, counting } of cases) {
    test(JSON.stringify(check), () => assert.equal(isCounting(check), counting));
  }
});

describe("whether it ever passed a check", () => {
  const cases: [events: EventName[], everPassed: boolean][] = [
    [["fail"], false],
    [["fail", "fail", "fail"], false],
    [["fail", "pass", "fail"], true],
    [["pass", "fail", "fail", "fail"], true],
    [["pass", "stopped", "ready", "fail"], false],
  ];
  for (const [events, everPassed] of cases) {
    test(events.join(", "), () => {
      const { state, check } = after(true, events);
      assert.equal(state, "unhealthy");
      assert.ok(check.kind === "failing");
      assert.equal(check.everPassed, everPassed);
    });
  }
});

describe("processes", () => {
  const cases: {
    name: string;
    checked: boolean;
    events: EventName[];
    state: string;
    by?: Rules;
  }[] = [
    {
      name: "ready without a check serves at once",
      checked: false,
      events: ["stopped", "ready"],
      state: "healthy",
    },
    {
      name: "ready with slow start warms up",
      checked: false,
      events: ["stopped", "ready"],
      state: "warming",
      by: slow,
    },
    {
      name: "ready with a check waits for its first pass",
      checked: true,
      events: ["pass", "stopped", "ready"],
      state: "probing",
    },
    {
      name: "one pass is enough for it",
      checked: true,
      events: ["fail", "stopped", "ready", "pass"],
      state: "healthy",
    },
    {
      name: "a late answer about the last process is not heard",
      checked: true,
      events: ["pass", "stopped", "fail", "fail", "fail", "ready"],
      state: "probing",
    },
    {
      name: "what the last one was ejected for is forgotten",
      checked: false,
      events: ["ejected", "stopped", "ready"],
      state: "healthy",
    },
    {
      name: "what holds the last one back is forgotten",
      checked: false,
      events: ["stopped", "held", "ready"],
      state: "healthy",
    },
    {
      name: "the operator's word outlives it",
      checked: false,
      events: ["drain", "stopped", "ready"],
      state: "draining",
    },
    {
      name: "no process is worse than a drain: nobody is bound to it",
      checked: false,
      events: ["stopped", "drain"],
      state: "stopped",
    },
    {
      name: "an operator's undrain does not end its own drain",
      checked: false,
      events: ["emptying", "drain", "undrain"],
      state: "draining",
    },
    {
      name: "ready again ends its own drain",
      checked: false,
      events: ["emptying", "ready"],
      state: "healthy",
    },
    {
      name: "a check that comes meanwhile is waited for",
      checked: false,
      events: ["stopped", "checkAdded", "ready"],
      state: "probing",
    },
    {
      name: "the check is dropped with the file",
      checked: true,
      events: ["pass", "stopped", "checkRemoved", "ready"],
      state: "healthy",
    },
  ];
  for (const { name, checked, events: names, state, by = rules } of cases) {
    test(name, () => assert.equal(after(checked, names, by).state, state));
  }

  test("both kinds of drain are told apart, and the reason follows what is left", () => {
    const own = after(false, ["emptying"]);
    assert.equal(own.reason, "its process is draining");
    const both = next(own, { ...events.drain, atMs: 300 }, rules);
    assert.deepEqual([both.reason, both.sinceMs], ["drained by the operator", own.sinceMs]);
    assert.equal(next(both, events.undrain, rules).reason, "its process is draining");
  });

  test("the reason follows what is told of a process that is not there", () => {
    const down = after(false, ["stopped"]);
    const fact = { state: "stopped", reason: "it starts again in 2 s" } as const;
    const later = next(down, { kind: "process", fact, atMs: 900 }, rules);
    assert.deepEqual([later.reason, later.sinceMs], [fact.reason, down.sinceMs]);
    assert.equal(next(later, { kind: "process", fact, atMs: 950 }, rules), later);
  });
});

describe("a weight lowered by a signal", () => {
  test("changes no state, and nothing where it is the same", () => {
    const low = after(true, ["pass", "lowered"]);
    assert.deepEqual([low.state, low.signal?.percent], ["healthy", 25]);
    assert.equal(next(low, lowered, rules), low);
    assert.equal(
      next(low, { kind: "weighed", signal: undefined, atMs: 300 }, rules).signal,
      undefined,
    );
  });

  test("is forgotten with the process it was said of", () => {
    assert.equal(after(true, ["pass", "lowered", "stopped", "ready"]).signal, undefined);
  });
});
