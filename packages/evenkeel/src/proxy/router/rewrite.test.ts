import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { RewritePath, RouteAction, RouteMatch } from "../../snapshot/snapshot.ts";
import { compileRedirect, type RedirectedRequest } from "./redirect.ts";
import { compilePathRewrite } from "./rewrite.ts";

const prefix = (value: string): RouteMatch["path"] => ({ kind: "prefix", value });

describe("a path is rewritten", () => {
  const cases: readonly {
    readonly match: RouteMatch["path"];
    readonly kind: RewritePath["kind"];
    readonly value: string;
    readonly path: string;
    readonly to: string;
  }[] = [
    { match: prefix("/api/"), kind: "prefix", value: "", path: "/api/x", to: "/x" },
    { match: prefix("/api/"), kind: "prefix", value: "", path: "/api", to: "/" },
    { match: prefix("/api"), kind: "prefix", value: "", path: "/api/", to: "/" },
    { match: prefix("/api"), kind: "prefix", value: "/v2", path: "/api/x", to: "/v2/x" },
    { match: prefix("/api"), kind: "prefix", value: "/v2/", path: "/api/x", to: "/v2/x" },
    { match: prefix("/api"), kind: "prefix", value: "/v2", path: "/api", to: "/v2" },
    { match: prefix("/api"), kind: "prefix", value: "/v2", path: "/api/", to: "/v2/" },
    { match: prefix("/"), kind: "prefix", value: "/v2", path: "/x", to: "/v2/x" },
    { match: undefined, kind: "prefix", value: "/v2", path: "/x", to: "/v2/x" },
    { match: { kind: "exact", value: "/a" }, kind: "prefix", value: "/b", path: "/a", to: "/b" },
    { match: { kind: "regex", value: ".*" }, kind: "prefix", value: "/b", path: "/a", to: "/b/a" },
    { match: prefix("/api"), kind: "full", value: "/one", path: "/api/x", to: "/one" },
    { match: prefix("/api"), kind: "full", value: "one", path: "/api/x", to: "/one" },
    {
      match: prefix("/api"),
      kind: "full",
      value: "/caf\u00e9 au lait",
      path: "/api",
      to: "/caf%C3%A9%20au%20lait",
    },
    { match: undefined, kind: "prefix", value: "/v2", path: "*", to: "/v2" },
  ];
  for (const { match, kind, value, path, to } of cases) {
    test(`${kind} "${value}" for ${match?.kind} ${match?.value}: ${path} becomes ${to}`, () =>
      assert.equal(compilePathRewrite({ kind, value }, match)?.(path), to));
  }

  test("not at all where nothing is asked", () =>
    assert.equal(compilePathRewrite(undefined, undefined), undefined));
});

describe("a redirect leads to", () => {
  type Redirect = Extract<RouteAction, { kind: "redirect" }>;
  const nothing: Redirect = {
    kind: "redirect",
    status: 302,
    scheme: undefined,
    host: undefined,
    port: undefined,
    path: undefined,
  };
  const request: RedirectedRequest = {
    scheme: "http",
    host: "shop.example",
    authority: "shop.example:8080",
    path: "/old/x",
    pathToForward: "/old//x",
    query: "a=1",
  };
  const cases: readonly {
    readonly to: string;
    readonly what: string;
    readonly action: Partial<Redirect>;
    readonly request?: Partial<RedirectedRequest>;
  }[] = [
    {
      to: "https://shop.example/old//x?a=1",
      what: "a new scheme at its own port",
      action: { scheme: "https" },
    },
    {
      to: "https://shop.example:8443/old//x?a=1",
      what: "a given port",
      action: { scheme: "https", port: 8443 },
    },
    {
      to: "https://shop.example/old//x?a=1",
      what: "a given usual port",
      action: { scheme: "https", port: 443 },
    },
    {
      to: "http://new.example:8080/old//x?a=1",
      what: "a new host at the request's port",
      action: { host: "new.example" },
    },
    {
      to: "http://new.example/old//x?a=1",
      what: "a new host",
      action: { host: "new.example" },
      request: { authority: "shop.example" },
    },
    {
      to: "http://[::1]:8080/old//x?a=1",
      what: "an IPv6 host",
      action: {},
      request: { host: "[::1]", authority: "[::1]:8080" },
    },
    {
      to: "http://[::1]/old//x?a=1",
      what: "an IPv6 host without port",
      action: {},
      request: { host: "[::1]", authority: "[::1]" },
    },
    {
      to: "http://shop.example:8080/new/x?a=1",
      what: "a new prefix",
      action: { path: { kind: "prefix", value: "/new" } },
    },
    {
      to: "http://shop.example:8080/new",
      what: "a new path, without query",
      action: { path: { kind: "full", value: "/new" } },
      request: { query: "" },
    },
    {
      to: "/old/x?a=1",
      what: "a path alone where there is no host",
      action: {},
      request: { host: "", authority: "", pathToForward: "/old/x" },
    },
    {
      to: "/evil.example/?a=1",
      what: "never another host by a double slash",
      action: {},
      request: {
        host: "",
        authority: "",
        path: "/evil.example/",
        pathToForward: "//evil.example/",
      },
    },
    {
      to: "https://shop.example/?a=1",
      what: "the root for an asterisk",
      action: { scheme: "https" },
      request: { path: "*", pathToForward: "*" },
    },
  ];
  for (const { to, what, action, request: changes } of cases) {
    test(what, () =>
      assert.equal(
        compileRedirect({ ...nothing, ...action }, prefix("/old"))({ ...request, ...changes }),
        to,
      ),
    );
  }
});
