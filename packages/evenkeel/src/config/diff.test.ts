import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { diffDesired } from "./diff.ts";
import { SlotAllocator } from "./slots.ts";
import { desire } from "./testing/configure.ts";

const base = {
  listeners: "web: 8080",
  routes: "{ name: r, upstream: api }",
  api: 'endpoints: ["h:1", "h:2"]',
  rest: "",
};

function fileOf(parts: Partial<typeof base>): string {
  const { listeners, routes, api, rest } = { ...base, ...parts };
  return `listeners: { ${listeners} }\nroutes: [${routes}]\nupstreams: { api: { ${api} }, web: {} }\n${rest}`;
}

const cases: readonly [name: string, change: Partial<typeof base>, ...expected: string[]][] = [
  ["nothing", {}],
  ["a comment", { rest: "# hello" }],
  ["what is the default anyway", { rest: "log: { level: info }" }],
  [
    "a weight",
    { api: 'endpoints: ["h:1", { address: "h:2", weight: 3 }]' },
    "upstream api: endpoint h:2 weight 1 → 3",
  ],
  [
    "an endpoint more",
    { api: 'endpoints: ["h:1", "h:2", "h:3"]' },
    "upstream api: endpoint h:3 added",
  ],
  ["an endpoint less", { api: 'endpoints: ["h:2"]' }, "upstream api: endpoint h:1 removed"],
  ["their order", { api: 'endpoints: ["h:2", "h:1"]' }, "upstream api: order of endpoints changed"],
  [
    "a default of all endpoints",
    { api: 'endpoints: ["h:1", "h:2"], max_conns: 5' },
    "upstream api: endpoint h:1 max_conns off → 5",
    "upstream api: endpoint h:2 max_conns off → 5",
  ],
  [
    "a policy",
    { api: `${base.api}, balance: least_conn` },
    "upstream api: balance round_robin → least_conn",
  ],
  [
    "health",
    { api: `${base.api}, health_check: {}, ejection: off, panic_threshold: 10%` },
    "upstream api: health_check changed",
    "upstream api: ejection changed",
    "upstream api: panic_threshold 50% → 10%",
  ],
  ["a route's upstream", { routes: "{ name: r, upstream: web }" }, "route r: upstream api → web"],
  [
    "a route's timeout and retry",
    { routes: "{ name: r, upstream: api, timeout: 1s, retry: off }" },
    "route r: timeouts changed",
    "route r: retry changed",
  ],
  [
    "a rewrite",
    { routes: "{ name: r, upstream: api, rewrite: { host: x } }" },
    "route r: its action changed",
  ],
  [
    "a route more, in front",
    { routes: "{ path: /a, respond: 200 }, { name: r, upstream: api }" },
    "route */a added",
  ],
  ["a route renamed", { routes: "{ name: s, upstream: api }" }, "route s added", "route r removed"],
  ["an address", { listeners: "web: 8081" }, "listener web: bind 0.0.0.0:8080 → 0.0.0.0:8081"],
  ["a listener more", { listeners: "web: 8080, two: 8081" }, "listener two added"],
  [
    "a default of all listeners",
    { rest: "limits: { headers: 8KiB }" },
    "listener web: limits changed",
  ],
  ["a process more", { rest: "processes: { p: { command: x } }" }, "process p added"],
  ["workers", { rest: "workers: 3" }, "workers 2 → 3 (takes effect after a restart)"],
  [
    "secrets, without saying them",
    { rest: "sticky_secret: x\nadmin: { token: y }" },
    "sticky_secret changed",
    "admin.token changed",
  ],
  [
    "the rest",
    { rest: "access_log: {}\nlog: { level: warn }\nshutdown: { grace: 1s }" },
    "access_log changed",
    "log.level info → warn",
    "shutdown changed",
  ],
];

describe("what changed, in an operator's words:", () => {
  for (const [name, change, ...expected] of cases) {
    test(name, () => {
      const slots = new SlotAllocator();
      const before = desire(fileOf({}), slots, 1);
      assert.deepEqual(diffDesired(before, desire(fileOf(change), slots, 2)), expected);
    });
  }
});

describe("fingerprints", () => {
  const slots = new SlotAllocator();
  const before = desire(fileOf({}), slots).snapshot;
  const after = desire(
    fileOf({
      routes: "{ path: /a, respond: 200 }, { name: r, upstream: api }",
      api: 'endpoints: ["h:1"]',
    }),
    slots,
    2,
  ).snapshot;

  test("stay with what did not change, also where it stands elsewhere now", () => {
    assert.equal(after.listeners[0]!.fingerprint, before.listeners[0]!.fingerprint);
    assert.equal(after.routes[1]!.fingerprint, before.routes[0]!.fingerprint);
    assert.equal(after.upstreams[1]!.fingerprint, before.upstreams[1]!.fingerprint);
  });

  test("change with what did", () =>
    assert.notEqual(after.upstreams[0]!.fingerprint, before.upstreams[0]!.fingerprint));
});

describe("what changed about a process:", () => {
  const slots = new SlotAllocator();
  const processOf = (keys: string) =>
    desire(`upstreams: { api: {} }\nprocesses: { p: { command: x, ${keys} } }`, slots);
  const cases: readonly [keys: string, ...expected: string[]][] = [
    ["env: { SECRET: a }"],
    [
      "env: { SECRET: b }",
      "process p: env changed",
      "process p: its instances are replaced one by one",
    ],
    [
      "env: { SECRET: a }, instances: 3, stop: { timeout: 1s }",
      "process p: instances 1 → 3",
      "process p: stop changed",
    ],
    ["env: { SECRET: a }, restart: never", "process p: restart changed"],
  ];
  for (const [keys, ...expected] of cases) {
    test(keys, () =>
      assert.deepEqual(diffDesired(processOf("env: { SECRET: a }"), processOf(keys)), expected),
    );
  }
});
