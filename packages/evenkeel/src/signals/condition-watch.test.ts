import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCondition } from "../expression/parse.ts";
import { createConditionWatch } from "./condition-watch.ts";
import type { ConditionState, SignalSubject } from "./contract.ts";
import { createFakeReader } from "./testing/fake-reader.ts";

const api: SignalSubject = { upstream: "api" };
const e1: SignalSubject = { upstream: "api", endpoint: "e1" };
const e2: SignalSubject = { upstream: "api", endpoint: "e2" };

function watching(text: string, within: SignalSubject = {}) {
  let nowMs = 1_000_000;
  const reader = createFakeReader(() => nowMs);
  const parsed = parseCondition(text);
  assert.ok(parsed.ok);
  const watch = createConditionWatch(parsed.condition.expression, reader, within);
  return {
    reader,
    watch,
    now: () => nowMs,
    /** Moves on by that many seconds, looking at each. */
    pass: (seconds: number): readonly ConditionState[] => {
      let states: readonly ConditionState[] = [];
      for (let second = 0; second < seconds; second++) {
        nowMs += 1000;
        states = watch.look(nowMs);
      }
      return states;
    },
  };
}

describe("one comparison", () => {
  test("says what it saw, and what that rests on", () => {
    const { reader, pass } = watching("p99(api) > 800ms");
    reader.set("p99", api, 0.812);
    const [state] = pass(1);
    assert.equal(state?.explanation, "p99 = 812ms (> 800ms), 340 requests");
    assert.deepEqual([state?.truth, state?.subject], ["true", api]);
  });

  test("unknown says why", () => {
    const { reader, pass } = watching("p99(api) > 800ms");
    reader.set("p99", api, undefined, "no requests");
    const [state] = pass(1);
    assert.equal(state?.explanation, "p99 is unknown (> 800ms): no requests");
    assert.equal(state?.truth, "unknown");
  });

  test("tells since when, and when it began", () => {
    const { reader, pass, now } = watching("p99(api) > 800ms");
    reader.set("p99", api, 0.1);
    pass(3);
    reader.set("p99", api, 0.9);
    const beganMs = now() + 1000;
    const [state] = pass(5);
    assert.deepEqual([state?.sinceMs, state?.firstTrueAtMs], [beganMs, beganMs]);
    reader.set("p99", api, 0.1);
    const [over] = pass(1);
    assert.deepEqual(
      [over?.truth, over?.sinceMs, over?.firstTrueAtMs],
      ["false", now(), undefined],
    );
  });

  test("subjects that are gone are forgotten", () => {
    const { reader, pass } = watching("p99(endpoint=*) > 800ms for 3s");
    reader.set("p99", e1, 0.9);
    assert.equal(pass(4)[0]?.truth, "true");
    reader.remove("p99");
    assert.deepEqual(pass(1), []);
    reader.set("p99", e1, 0.9);
    assert.equal(pass(1)[0]?.truth, "false");
  });
});

describe("for", () => {
  test("each subject has its own time", () => {
    const { reader, pass, now } = watching("p99(endpoint=*) > 800ms for 5s");
    reader.set("p99", e1, 0.9);
    reader.set("p99", e2, 0.1);
    const beganMs = now() + 1000;
    pass(3);
    reader.set("p99", e2, 0.9);
    const states = pass(3);
    assert.deepEqual(
      states.map(({ truth, explanation }) => [truth, explanation]),
      [
        ["true", "p99 = 900ms (> 800ms), 340 requests, for 5s"],
        ["false", "p99 = 900ms (> 800ms), 340 requests, for 2s of 5s"],
      ],
    );
    assert.deepEqual(
      states.map(({ firstTrueAtMs }) => firstTrueAtMs),
      [beganMs, beganMs + 3000],
    );
  });

  test("three times at 15 s, as users write it", () => {
    const { reader, pass } = watching("5xx_ratio > 0.5% for 3 x 15s");
    reader.set("5xx_ratio", api, 0.02);
    assert.equal(pass(30)[0]?.truth, "false");
    const [state] = pass(1);
    assert.equal(state?.truth, "true");
    assert.match(state?.explanation ?? "", /= 2% \(> 0\.5%\), 340 requests, 3 of 3 times/);
  });

  test("what is unknown neither counts nor breaks", () => {
    const { reader, pass, now } = watching("p99(api) > 800ms for 5s");
    reader.set("p99", api, 0.9);
    const beganMs = now() + 1000;
    pass(4);
    reader.set("p99", api, undefined);
    const [unknown] = pass(30);
    assert.deepEqual([unknown?.truth, unknown?.firstTrueAtMs], ["unknown", beganMs]);
    reader.set("p99", api, 0.9);
    assert.equal(pass(2)[0]?.truth, "false");
    const [state] = pass(1);
    assert.deepEqual([state?.truth, state?.firstTrueAtMs], ["true", beganMs]);
  });

  test("clear starts it anew", () => {
    const { reader, pass, watch } = watching("p99(endpoint=*) > 800ms for 5s");
    reader.set("p99", e1, 0.9);
    reader.set("p99", e2, 0.9);
    pass(6);
    watch.clear(e1);
    assert.deepEqual(
      pass(1).map(({ truth }) => truth),
      ["false", "true"],
    );
    watch.clear();
    assert.deepEqual(
      pass(1).map(({ truth }) => truth),
      ["false", "false"],
    );
  });

  test("it outlives the part it is of", () => {
    const { reader, pass, now } = watching("(p99(api) > 1s for 2s) for 2 x 3s");
    reader.set("p99", api, 2);
    const beganMs = now() + 1000;
    assert.equal(pass(5)[0]?.truth, "false");
    const [state] = pass(1);
    assert.deepEqual([state?.truth, state?.firstTrueAtMs], ["true", beganMs]);
  });
});

describe("several parts", () => {
  test("an upstream's traffic guards its endpoints' latency", () => {
    const text = "p99(endpoint=*) > 800ms and request_rate(upstream=api) > 5/s";
    const { reader, pass } = watching(text);
    reader.set("p99", e1, 0.9);
    reader.set("p99", e2, 0.1);
    reader.set("request_rate", api, 4);
    assert.deepEqual(
      pass(1).map(({ truth }) => truth),
      ["false", "false"],
    );
    reader.set("request_rate", api, 60);
    const states = pass(1);
    assert.deepEqual(
      states.map(({ subject, truth }) => [subject, truth]),
      [
        [e1, "true"],
        [e2, "false"],
      ],
    );
    assert.match(states[0]?.explanation ?? "", /^p99 = .* and request_rate = 60\/s \(> 5\/s\)/);
  });
});

describe("within", () => {
  test("narrows what names nothing", () => {
    const { reader, pass } = watching("p99 > 1s or cpu_usage(process=x) > 1%", {
      upstream: "api",
      endpoint: "e1",
    });
    reader.set("p99", e1, 2);
    reader.set("p99", e2, 2);
    reader.set("cpu_usage", { process: "x", instance: "x.1" }, 0);
    assert.deepEqual(
      pass(1).map(({ subject }) => subject),
      [e1, { process: "x", instance: "x.1" }],
    );
  });

  test("narrows what a query answers", () => {
    const { reader, pass } = watching('prometheus("q") > 1', { upstream: "api", endpoint: "*" });
    reader.set("q", e1, 2);
    reader.set("q", { upstream: "web", endpoint: "e1" }, 2);
    assert.deepEqual(
      pass(1).map(({ subject }) => subject),
      [e1],
    );
  });
});

test("a query that fails makes unknown what it told before", () => {
  const { reader, pass } = watching('prometheus("q") > 1 for 5s');
  reader.set("q", e1, 2);
  pass(4);
  reader.remove("q");
  reader.set("q", {}, undefined, "connection refused");
  const states = pass(10);
  assert.deepEqual(
    states.map(({ subject, truth }) => [subject, truth]),
    [[e1, "unknown"]],
  );
  assert.match(states[0]?.explanation ?? "", /is unknown \(> 1\): connection refused/);
  reader.remove("q");
  reader.set("q", e1, 2);
  assert.equal(pass(3)[0]?.truth, "true");
});
