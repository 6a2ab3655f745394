import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { warningsOf } from "../testing/configure.ts";

const key = "0123456789abcdef0123456789abcdef";

/** Warnings about the plan `p` with these keys, without their place. */
function warn(keys: string): string[] {
  const text = `
listeners: { web: 8080 }
routes: [{ upstream: api }]
upstreams: { api: { endpoints: ["a:1", "b:1"] } }
processes: { api: { command: ["./api"] }, job: { command: ["./job"] } }
alerts: { receivers: { oncall: { pagerduty: { routing_key: ${key} } } } }
recovery_plans: { p: { ${keys.startsWith("trigger") ? "" : "trigger: up < 1, "}${keys} } }`;
  return warningsOf(text)
    .filter((line) => line.includes("recovery_plans"))
    .map((line) => line.replace(/^.*recovery_plans\.p\./, ""));
}

const job = "steps: [{ action: restart_service, target: job }]";

describe("a plan is warned of", () => {
  const cases: Readonly<Record<string, readonly [keys: string, ...warnings: string[]]>> = {
    nothing: [`${job}, on_failure: [oncall, escalate_to_pagerduty, notify_oncall]`],
    "receivers that are not there": [
      `${job}, on_success: [escalate_to_slack, oncal]`,
      "on_success[0]: there is no such receiver: nobody is told; got escalate_to_slack; add it to alerts.receivers",
      'on_success[1]: there is no such receiver: nobody is told; got oncal; did you mean "oncall"?',
    ],
    "a notice to nobody": [
      "steps: [{ action: notify, receivers: oncal, message: x }]",
      'steps[0].receivers: there is no such receiver: nobody is told; got oncal; did you mean "oncall"?',
    ],
    "an alert whose end comes late": [
      `trigger: { alert: Slow }, ${job}`,
      "steps: nothing tells whether it helped before the alert's end is told: it would be tried again; add a step verify or verify_health",
    ],
    "no alert that a step of its own judges": [
      "trigger: { alert: Slow }, steps: [{ action: restart_service, target: job, verify: ready(process=job) == 1 }]",
    ],
    "what fills in nothing": [
      'steps: [{ action: run, command: [./fix, "{{objet}}", "{{ object }}"] }]',
      'steps[0].command: {{objet}} means nothing here and stays as it is; did you mean "object"?',
    ],
    "a name of two things": [
      "steps: [{ action: drain, target: api }]",
      "steps[0].target: is a process and an upstream: the process is meant",
    ],
  };
  for (const [name, [keys, ...warnings]] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(warn(keys), warnings));
  }
});
