import { test } from "node:test";
import assert from "node:assert/strict";
import type { EndpointHealth, HealthState } from "../health/contract.ts";
import type { InstanceState, InstanceView } from "../processes/contract.ts";
import { factsOf, findObject, namesOf, type Present } from "./objects.ts";

function endpoint(upstream: string, name: string, state: HealthState): EndpointHealth {
  return {
    upstream,
    endpoint: name,
    slot: 0,
    state,
    reason: "",
    sinceMs: 0,
    untilMs: undefined,
    available: true,
    weight: 1,
    configuredWeight: 1,
    operatorWeight: undefined,
    signal: undefined,
    lastCheck: undefined,
    timesEjected: 0,
    ejections: 0,
  };
}

function instance(index: number, state: InstanceState): InstanceView {
  return {
    name: `app.${index}`,
    process: "app",
    index,
    state,
    reason: "",
    sinceMs: 0,
    pid: 1,
    startedAtMs: 0,
    address: { host: "127.0.0.1", port: 9100 + index },
    upstream: "api",
    restarts: 0,
    lastExit: undefined,
    nextStartAtMs: undefined,
    adopted: false,
    done: false,
    outdated: undefined,
    cpu: undefined,
    memoryBytes: undefined,
    logPath: "",
  };
}

const present: Present = {
  endpoints: [
    endpoint("api", "127.0.0.1:9101", "healthy"),
    endpoint("api", "127.0.0.1:9102", "ejected"),
    endpoint("api", "127.0.0.1:9103", "stopped"),
    endpoint("web", "[::1]:80", "draining"),
    endpoint("web", "10.0.0.1:80", "warming"),
  ],
  instances: [instance(1, "READY"), instance(2, "READY"), instance(3, "STARTING")],
  processes: ["app"],
  upstreams: ["api", "web"],
};

const facts = (name: string) => {
  const found = findObject(name, present);
  return found && factsOf(found, present);
};

const rows: readonly (readonly [string, object])[] = [
  ["app", { kind: "process", group: "app", total: 3, out: 2, isOut: false, instances: 3 }],
  ["app.1", { kind: "instance", group: "app", total: 3, out: 2, isOut: false }],
  ["app.2", { kind: "instance", group: "app", total: 3, out: 2, isOut: true }],
  ["app.3", { kind: "instance", group: "app", total: 3, out: 2, isOut: true }],
  ["api", { kind: "upstream", group: "api", total: 3, out: 2, isOut: false }],
  [
    "web/[::1]:80",
    { kind: "endpoint", group: "web", total: 2, out: 1, isOut: true, drained: true },
  ],
  ["web/10.0.0.1:80", { kind: "endpoint", group: "web", isOut: false, drained: false }],
];

for (const [name, expected] of rows) {
  test(`facts of ${name}`, () => {
    const found = facts(name);
    assert.ok(found);
    for (const [key, value] of Object.entries(expected)) {
      assert.equal(found[key as keyof typeof found], value, key);
    }
  });
}

test("addresses are those of the instances, else of the endpoints", () => {
  assert.deepEqual(facts("app.2")?.addresses, [{ host: "127.0.0.1", port: 9102 }]);
  assert.deepEqual(facts("web/[::1]:80")?.addresses, [{ host: "::1", port: 80 }]);
});

for (const name of ["app.4", "nothing", "web/10.0.0.9:80", "", "app."]) {
  test(`there is no ${name || "nameless thing"}`, () => assert.equal(facts(name), undefined));
}

const known: readonly (readonly [object: string, names: readonly string[]])[] = [
  ["app.1", ["app.1", "api/127.0.0.1:9101"]],
  ["api/127.0.0.1:9102", ["api/127.0.0.1:9102", "app.2"]],
  ["api", ["api", "app.1", "app.2"]],
  ["app", ["app"]],
  ["web/10.0.0.1:80", ["web/10.0.0.1:80"]],
];

for (const [object, names] of known) {
  test(`${object} is known as ${names.join(" and ")}`, () => {
    assert.deepEqual(namesOf(object, [instance(1, "READY"), instance(2, "STARTING")]), names);
  });
}

test("an instance without an endpoint has its own name alone", () => {
  const worker = { ...instance(1, "RUNNING"), upstream: undefined, address: undefined };
  assert.deepEqual(namesOf("app.1", [worker]), ["app.1"]);
});
