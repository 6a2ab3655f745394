import { test } from "node:test";
import assert from "node:assert/strict";
import { refuse, type GuardedRequest } from "./guard.ts";

const plain: GuardedRequest = {
  path: "/status",
  host: "127.0.0.1:9900",
  origin: undefined,
  secFetchSite: undefined,
  authorization: undefined,
};

const cases: readonly [
  name: string,
  change: Partial<GuardedRequest>,
  token: string | undefined,
  status: number | undefined,
][] = [
  ["a local request", {}, undefined, undefined],
  ["localhost by name", { host: "LOCALHOST:9900" }, undefined, undefined],
  ["an IPv6 address", { host: "[::1]:9900" }, undefined, undefined],
  ["an address without a port", { host: "127.0.0.1" }, undefined, undefined],
  ["a rebound name", { host: "evil.example:9900" }, undefined, 421],
  ["a name that begins like an address", { host: "127.0.0.1.evil.example" }, undefined, 421],
  ["no Host at all", { host: undefined }, undefined, 421],
  ["its own page", { origin: "http://127.0.0.1:9900" }, undefined, undefined],
  ["a foreign page", { origin: "http://evil.example" }, undefined, 403],
  ["a sandboxed page", { origin: "null" }, undefined, 403],
  ["another port's page", { origin: "http://127.0.0.1:3000" }, undefined, 403],
  ["a cross-site navigation", { secFetchSite: "cross-site" }, undefined, 403],
  ["a typed address", { secFetchSite: "none" }, undefined, undefined],
  ["no token where one is set", {}, "s3cret", 401],
  ["a wrong token", { authorization: "Bearer s3cre" }, "s3cret", 401],
  ["another scheme", { authorization: "Basic s3cret" }, "s3cret", 401],
  ["the token", { authorization: "Bearer s3cret" }, "s3cret", undefined],
  ["the scheme in lower case", { authorization: "bearer s3cret" }, "s3cret", undefined],
  ["the token by a name", { authorization: "Bearer s3cret", host: "lb.x" }, "s3cret", undefined],
  ["liveness without a token", { path: "/healthz" }, "s3cret", undefined],
  ["readiness by any name", { path: "/readyz", host: "lb.internal" }, undefined, undefined],
  ["liveness from a foreign page", { path: "/healthz", origin: "http://e" }, undefined, 403],
];

for (const [name, change, token, status] of cases) {
  test(`${name}: ${status ?? "passes"}`, () => {
    assert.equal(refuse({ ...plain, ...change }, token)?.status, status);
  });
}
