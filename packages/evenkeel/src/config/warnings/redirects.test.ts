import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { warningsOf } from "../testing/configure.ts";

const loop =
  "leads to where clients are that came by http, the only scheme the listener speaks: an endless loop on port 80; did you mean https?";

describe("a redirect to http", () => {
  const web = "listeners: { web: 80 }";
  const mixed =
    "listeners: { web: 80, inner: { bind: 81, trusted_proxies: 10.0.0.0/8 }, more: 82 }";
  const cases: readonly [name: string, top: string, route: string, warned: boolean][] = [
    ["alone", web, "redirect: { scheme: http }", true],
    ["with a status", web, "redirect: { scheme: http, status: 308 }", true],
    [
      "of a listener without trusted proxies",
      mixed,
      "listener: [web, more], redirect: { scheme: http }",
      true,
    ],
    ["where requests may have come by https", mixed, "redirect: { scheme: http }", false],
    ["behind proxies", `${web}\ntrusted_proxies: 10.0.0.0/8`, "redirect: { scheme: http }", false],
    ["of another host", web, "redirect: { scheme: http, host: other.example }", false],
    ["of another port", web, "redirect: { scheme: http, port: 8080 }", false],
    ["of another path", web, "redirect: { scheme: http, replace_path: /x }", false],
    ["that is one to https", web, "redirect: { scheme: https }", false],
  ];
  for (const [name, top, route, warned] of cases) {
    test(name, () => {
      const found = warningsOf(`${top}\nroutes: [{ ${route} }]`);
      const said = found.map((line) => line.replace(/^\S+ /, ""));
      assert.deepEqual(said, warned ? [`routes[0].redirect.scheme: ${loop}`] : []);
    });
  }
});
