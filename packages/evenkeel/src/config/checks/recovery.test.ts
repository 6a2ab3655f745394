import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PlanSettings } from "../../snapshot/plan-settings.ts";
import { desire, problemsOf } from "../testing/configure.ts";

const world = `
processes: { payment-worker: { command: ["./payment"], instances: 3 } }
upstreams: { api: { endpoints: ["10.0.0.1:8080"] } }
`;

/** The one plan of a file whose `recovery_plans.p` has these keys. */
function planOf(keys: string): PlanSettings {
  const [plan] = desire(`${world}recovery_plans: { p: { ${keys} } }`).recovery.plans;
  assert.ok(plan);
  return plan;
}

/** Problems without file and place. */
function problems(keys: string): string[] {
  return problemsOf(`${world}recovery_plans: { p: { ${keys} } }`).map((line) =>
    line.replace(/^evenkeel\.yaml:\d+:\d+ recovery_plans\.p\.?/, ""),
  );
}

const restart = "{ action: restart_service, target: payment-worker }";
const cpu = "trigger: cpu_usage > 90% for 5m";

test("the words that users write already are understood as they stand", () => {
  const { recovery } = desire(`
processes:
  payment-worker: { command: ["./payment"], instances: 3 }
recovery_plans:
  payment-cpu:
    trigger: cpu_usage > 90% for 5m
    steps:
      - { action: restart_service, target: payment-worker, timeout: 120s }
      - { action: verify_health, endpoint: /health, expected: 200 }
    on_failure: escalate_to_pagerduty
`);
  const [plan] = recovery.plans;
  assert.deepEqual(
    plan?.steps.map(({ action, timeoutMs }) => [action, timeoutMs]),
    [
      [{ action: "restart_service", target: "payment-worker" }, 120_000],
      [
        { action: "verify_health", target: "", endpoint: "/health", expected: [[200, 200]] },
        30_000,
      ],
    ],
  );
  assert.deepEqual(
    [plan?.name, plan?.mode, plan?.onFailure],
    ["payment-cpu", "auto", ["escalate_to_pagerduty"]],
  );
  assert.equal(
    plan?.trigger.kind === "condition" && plan.trigger.condition.text,
    "cpu_usage > 90% for 5m",
  );
  assert.deepEqual(plan?.limits, {
    maxAttempts: 3,
    cooldownMs: 60_000,
    graceMs: 10_000,
    verifyWithinMs: 60_000,
    maxConcurrent: 1,
    maxUnavailable: { percent: 50 },
    rate: { count: 10, windowMs: 3_600_000 },
  });
  assert.deepEqual(recovery.freeze, { runs: 5, windowMs: 600_000, unhealthyPercent: 50 });
});

describe("steps:", () => {
  const cases: Readonly<Record<string, unknown>> = {
    "{ action: drain, target: api/10.0.0.1:8080 }": {
      action: "drain",
      target: "api/10.0.0.1:8080",
    },
    "{ action: undrain }": { action: "undrain", target: "" },
    "{ action: eject, target: payment-worker.3 }": { action: "eject", target: "payment-worker.3" },
    "{ action: set_weight, target: api, weight: 0 }": {
      action: "set_weight",
      target: "api",
      weight: 0,
    },
    "{ action: scale, target: payment-worker, instances: +2 }": {
      action: "scale",
      target: "payment-worker",
      change: 2,
      exact: true,
    },
    '{ action: scale, target: payment-worker, instances: "+2" }': {
      action: "scale",
      target: "payment-worker",
      change: 2,
      exact: false,
    },
    "{ action: scale, target: payment-worker, instances: -1 }": {
      action: "scale",
      target: "payment-worker",
      change: -1,
      exact: false,
    },
    "{ action: rollback, target: payment-worker }": {
      action: "rollback",
      target: "payment-worker",
    },
    "{ action: run, command: [./fix, now], env: { A: b } }": {
      action: "run",
      command: ["./fix", "now"],
      env: { A: "b" },
      cwd: process.cwd(),
    },
    '{ action: http, url: "http://h/x", body: y }': {
      action: "http",
      method: "POST",
      url: "http://h/x",
      headers: {},
      body: "y",
      expected: [[200, 299]],
    },
    "{ action: wait, for: 30s }": { action: "wait", ms: 30_000 },
    "{ action: notify, message: hello, receivers: team }": {
      action: "notify",
      receivers: ["team"],
      message: "hello",
    },
    '{ action: approve, question: "go on?" }': {
      action: "approve",
      question: "go on?",
      otherwise: "stop",
    },
  };
  for (const [step, action] of Object.entries(cases)) {
    test(step, () => assert.deepEqual(planOf(`${cpu}, steps: [${step}]`).steps[0]?.action, action));
  }

  test("what can be undone is, unless it says no", () => {
    const undos = (keys: string) =>
      planOf(`${cpu}, steps: [${keys}]`).steps.map(({ undo }) => undo);
    assert.deepEqual(undos("{ action: drain }, { action: drain, undo: false }"), [true, false]);
    assert.deepEqual(undos(restart), [false]);
  });
});

describe("triggers:", () => {
  test("an alert with labels", () => {
    const { trigger } = planOf(
      `trigger: { alert: Slow, labels: { team: a } }, steps: [${restart}]`,
    );
    assert.deepEqual(trigger, { kind: "alert", alert: "Slow", labels: { team: "a" } });
  });
});

describe("modes are bounded by recovery.mode:", () => {
  const cases = [
    ["auto", "dry_run", "dry_run"],
    ["off", "dry_run", "off"],
    ["approve", "auto", "approve"],
    ["auto", "approve", "approve"],
  ] as const;
  for (const [own, most, mode] of cases) {
    test(`${own} under ${most} is ${mode}`, () => {
      const text = `${world}recovery: { mode: ${most} }\nrecovery_plans: { p: { ${cpu}, mode: ${own}, steps: [${restart}] } }`;
      assert.equal(desire(text).recovery.plans[0]?.mode, mode);
    });
  }
});

describe("problems:", () => {
  const cases: Readonly<Record<string, readonly [keys: string, problem: string | RegExp]>> = {
    "no steps": [`${cpu}, steps: []`, "steps: must not be empty; got a list"],
    "an unknown action": [
      `${cpu}, steps: [{ action: restart_servce, target: payment-worker }]`,
      /^steps\[0\]\.action: must be one of restart_service, .*; got restart_servce; did you mean "restart_service"\?$/,
    ],
    "no action": [`${cpu}, steps: [{ target: api }]`, "steps[0].action: is required"],
    "a key of another action": [
      `${cpu}, steps: [{ action: wait, for: 1s, target: api }]`,
      /^steps\[0\]\.target: /,
    ],
    "an unknown process": [
      `${cpu}, steps: [{ action: restart_service, target: payment-workr }]`,
      'steps[0].target: there is no such process; got payment-workr; did you mean "payment-worker"?',
    ],
    "a restart of an upstream": [
      `${cpu}, steps: [{ action: restart_service, target: api }]`,
      "steps[0].target: restart_service needs a process that Evenkeel runs; got api; name one of processes",
    ],
    "an unknown endpoint": [
      `${cpu}, steps: [{ action: drain, target: "api/10.0.0.1:8081" }]`,
      'steps[0].target: there is no such endpoint; got "api/10.0.0.1:8081"; did you mean "api/10.0.0.1:8080"?',
    ],
    "an instance beyond the last": [
      `${cpu}, steps: [{ action: drain, target: payment-worker.4 }]`,
      "steps[0].target: payment-worker has instances 1 to 3; got payment-worker.4",
    ],
    "an instance where only a whole will do": [
      `${cpu}, steps: [{ action: scale, target: payment-worker.1, instances: 2 }]`,
      "steps[0].target: scale is for a whole process; got payment-worker.1; write payment-worker",
    ],
    "an upstream that a condition names": [
      `trigger: p99(upstream=apy) > 1s, steps: [${restart}]`,
      'trigger: there is no upstream "apy"; did you mean "api"?',
    ],
    "a condition that is none": [`trigger: cpu > , steps: [${restart}]`, /^trigger: /],
    "a Prometheus that is not there": [
      `trigger: prometheus("up") < 1, steps: [{ action: verify, condition: up == 1 }]`,
      /^trigger: asks a Prometheus/,
    ],
    "a rate that is none": [
      `${cpu}, steps: [${restart}], limits: { rate: 5/m }`,
      'limits.rate: must be a count within a time such as "5 in 10m"; got 5/m',
    ],
  };
  for (const [name, [keys, problem]] of Object.entries(cases)) {
    test(name, () => {
      const found = problems(keys);
      assert.equal(found.length, 1, found.join("\n"));
      if (typeof problem === "string") assert.equal(found[0], problem);
      else assert.match(found[0]!, problem);
    });
  }
});
