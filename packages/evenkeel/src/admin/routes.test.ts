import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { desire } from "../config/testing/configure.ts";
import { buildRoutes } from "./routes.ts";

const config = `
listeners: { web: 8080, internal: 8081 }
routes:
  - name: api
    listener: web
    host: shop.example
    path: /api/
    method: [GET, POST]
    headers: { X-Version: "2", X-Debug: { present: false } }
    upstream: api
    rewrite: { strip_prefix: true }
    request_headers: { set: { Authorization: secret }, remove: [Cookie] }
    timeout: 5s
    retry: { attempts: 1, attempt_timeout: 2s }
    hedge: { after: 200ms }
    limits: { body: off }
    allow: 10.0.0.0/8
    rate_limit: { rate: 5/s, key: "header:X-Api-Key" }
  - { name: old, path: /old, redirect: { status: 301, host: new.example } }
  - { name: gone, path: /gone, respond: { status: 410, body: "gone" } }
  - { upstream: api }
upstreams: { api: { endpoints: ["10.0.0.1:80"] } }
`;

test("a route is told in the configuration's words, with everything filled in", () => {
  const [api] = buildRoutes(desire(config).snapshot);
  assert.deepEqual(api, {
    name: "api",
    listeners: ["web"],
    match: {
      hosts: ["shop.example"],
      path: { kind: "prefix", value: "/api/" },
      methods: ["GET", "POST"],
      headers: [
        { name: "x-version", kind: "exact", value: "2" },
        { name: "x-debug", kind: "absent", value: "" },
      ],
      query: [],
      cookies: [],
      clients: [],
    },
    action: {
      kind: "forward",
      upstream: "api",
      rewrite: { path: { kind: "prefix", value: "" }, host: null },
    },
    request_headers: { set: ["Authorization"], add: [], remove: ["cookie"] },
    response_headers: null,
    timeouts: {
      total_ms: 5000,
      connect_ms: 2000,
      first_byte_ms: 60_000,
      idle_ms: 60_000,
      tunnel_idle_ms: 600_000,
    },
    retry: {
      attempts: 1,
      on: ["connect_failure", "reset"],
      replay_bytes: 65_536,
      answer_bytes: 16_384,
      non_idempotent: false,
      attempt_timeout_ms: 2000,
    },
    hedge: { after_ms: 200, after_percentile: null },
    limits: { body_bytes: null, uri_bytes: 8192 },
    allow: ["10.0.0.0/8"],
    deny: [],
    rate_limit: { per_second: 5, burst: 5, key: "header:x-api-key", max_keys: 65_536 },
  });
});

test("the other actions, in configuration order", () => {
  const [, old, gone, rest] = buildRoutes(desire(config).snapshot);
  assert.deepEqual(old!.action, {
    kind: "redirect",
    status: 301,
    scheme: null,
    host: "new.example",
    port: null,
    path: null,
  });
  assert.deepEqual(gone!.action, { kind: "respond", status: 410, body_bytes: 4 });
  assert.deepEqual(rest!.action, { kind: "forward", upstream: "api", rewrite: null });
  assert.deepEqual(rest!.listeners, ["web", "internal"]);
  assert.deepEqual([rest!.match.path, rest!.hedge, rest!.rate_limit], [null, null, null]);
  assert.equal(rest!.timeouts.total_ms, null);
});

test("docs/admin-api.md shows what is told", () => {
  const written = `
listeners: { web: 8080 }
routes:
  - name: api
    host: shop.example
    path: /api/
    headers: { X-Version: "2" }
    upstream: api
    rewrite: { strip_prefix: true }
    request_headers: { set: { Authorization: secret }, remove: [Cookie] }
    timeout: 5s
    hedge: { after: 200ms }
    allow: 10.0.0.0/8
    rate_limit: { rate: 5/s }
upstreams: { api: { endpoints: ["10.0.0.1:80"] } }
`;
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/admin-api.md"), "utf8");
  const example = /## Routes\n.*?```json\n(.*?)```/s.exec(page)![1]!;
  assert.deepEqual(JSON.parse(example), { routes: buildRoutes(desire(written).snapshot) });
});

test("nothing of the inside and no header's value is told", () => {
  const text = JSON.stringify(buildRoutes(desire(config).snapshot));
  assert.doesNotMatch(text, /fingerprint|slot|order|storage|secret/);
});
