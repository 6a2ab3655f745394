import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { parse } from "yaml";

import { endpointCounts } from "./bench-policies.ts";
import {
  checkPolicyConfig,
  listenerNames,
  policiesOf,
  policyConfig,
  readPolicyBase,
} from "./bench-policy-config.ts";
import { Failure } from "./failure.ts";

const text = `
listeners: { web: { bind: "0.0.0.0:80", max_connections: 7 }, other: "127.0.0.1:81" }
routes: [ { host: a.example, upstream: api }, { upstream: web } ]
upstreams:
  api: { balance: { policy: hash, key: "header:X-User" }, endpoints: ["127.0.0.1:1001"] }
  web: { endpoints: ["127.0.0.1:2001", "127.0.0.1:2002"] }
admin: { bind: "0.0.0.0:9900", token: "secret" }
access_log: { path: /var/log/access.log, format: combined }
state_dir: /var/lib/evenkeel
`;

function base(t: TestContext, upstream: string | undefined): ReturnType<typeof readPolicyBase> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-policies-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "evenkeel.yaml");
  writeFileSync(file, text);
  return readPolicyBase(file, { upstream, listener: undefined });
}

const ports = { admin: 30_001, listeners: { web: 30_002, other: 30_003 } };

test("a derived file differs in the policy, and touches nothing of the user's", (t) => {
  const api = base(t, "api");
  assert.deepEqual(listenerNames(api), ["web", "other"]);
  assert.equal(api.listener, "web");
  const derived = policyConfig(api, "least_conn", ports);
  checkPolicyConfig(api, "least_conn", derived);
  assert.deepEqual(parse(derived), {
    listeners: {
      web: { bind: "127.0.0.1:30002", max_connections: 7 },
      other: { bind: "127.0.0.1:30003" },
    },
    routes: [{ host: "a.example", upstream: "api" }, { upstream: "web" }],
    upstreams: {
      api: { balance: "least_conn", endpoints: ["127.0.0.1:1001"] },
      web: { endpoints: ["127.0.0.1:2001", "127.0.0.1:2002"] },
    },
    admin: { bind: "127.0.0.1:30001" },
    access_log: { path: "access.log", format: "combined" },
    log: { level: "warn" },
  });
});

test("the file's own policy keeps its settings", (t) => {
  const api = base(t, "api");
  const derived = parse(policyConfig(api, "hash", ports)) as { upstreams: { api: object } };
  assert.deepEqual(derived.upstreams.api, {
    balance: { policy: "hash", key: "header:X-User" },
    endpoints: ["127.0.0.1:1001"],
  });
});

test("compares the usual policies and the file's own, or those that are named", (t) => {
  const api = base(t, "api");
  const usual = ["round_robin", "random", "least_conn", "two_choices", "least_time"];
  assert.deepEqual(policiesOf(undefined, api), [...usual, "hash"]);
  assert.deepEqual(policiesOf(undefined, base(t, "web")), usual);
  assert.deepEqual(policiesOf("random, first,random", api), ["random", "first"]);
  assert.throws(() => policiesOf(" , ", api), /--policies wants names/);
});

test("what can't be is refused before anything runs", (t) => {
  assert.throws(() => base(t, undefined), /say which upstream with --upstream: api, web/);
  assert.throws(() => base(t, "shop"), /there is no upstream "shop"; there are: api, web/);
  const web = base(t, "web");
  assert.throws(
    () => checkPolicyConfig(web, "fastest", policyConfig(web, "fastest", ports)),
    (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.match(error.details, /upstreams\.web\.balance: must be one of round_robin/);
      return true;
    },
  );
});

test("reads an upstream's endpoints from the metrics", () => {
  const exposition = `# TYPE evenkeel_endpoint_attempts_total counter
evenkeel_endpoint_attempts_total{upstream="web",endpoint="127.0.0.1:1"} 30
evenkeel_endpoint_attempts_total{upstream="web",endpoint="127.0.0.1:2"} 10
evenkeel_endpoint_attempts_total{upstream="api",endpoint="127.0.0.1:1"} 99
evenkeel_endpoint_failures_total{upstream="web",endpoint="127.0.0.1:2",kind="all"} 3
evenkeel_endpoint_failures_total{upstream="web",endpoint="127.0.0.1:2",kind="connect"} 3
evenkeel_endpoint_weight{upstream="web",endpoint="127.0.0.1:1"} 1
evenkeel_endpoint_weight{upstream="web",endpoint="127.0.0.1:3"} 1
`;
  assert.deepEqual(endpointCounts(exposition, "web"), [
    { name: "127.0.0.1:1", requests: 30, failures: 0 },
    { name: "127.0.0.1:2", requests: 10, failures: 3 },
    { name: "127.0.0.1:3", requests: 0, failures: 0 },
  ]);
  assert.deepEqual(endpointCounts("", "web"), []);
});
