import { describe, test } from "node:test";
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

describe("is being started", () => {
  const [one, two] = [instance(1, "READY"), instance(2, "STARTING")];
  const failed = { ...two, restarts: 1 };
  const backingOff = { ...two, state: "BACKOFF" as const };
  const at = (index: number, state: EndpointHealth["state"]) =>
    endpoint("api", `127.0.0.1:910${index}`, state);
  const starts = (name: string, two: InstanceView, first: EndpointHealth["state"]) => {
    const endpoints = [at(1, first), at(2, "stopped")];
    const now = { ...present, endpoints, instances: [one, two] };
    return factsOf(findObject(name, now)!, now).starting;
  };
  const cases: Readonly<Record<string, readonly [...Parameters<typeof starts>, unknown]>> = {
    "an instance that never ran": ["app.2", two, "healthy", "first"],
    "one that ended before": ["app.2", failed, "healthy", "again"],
    "not one that waits": ["app.2", backingOff, "healthy", undefined],
    "not one that takes traffic": ["app.1", two, "healthy", undefined],
    "one whose check said nothing yet": ["app.1", two, "probing", "first"],
    "not one whose check failed": ["app.1", two, "unhealthy", undefined],
    "its endpoint": ["api/127.0.0.1:9102", two, "healthy", "first"],
    "a process of which nothing else is out": ["app", two, "healthy", "first"],
    "an upstream of which nothing else is out": ["api", failed, "probing", "again"],
    "not one of which something else is out": ["api", two, "unhealthy", undefined],
  };
  for (const [name, [object, second, first, expected]] of Object.entries(cases)) {
    test(name, () => assert.equal(starts(object, second, first), expected));
  }
});

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
