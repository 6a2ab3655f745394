import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { warningsOf } from "../testing/configure.ts";

/** Warnings without place; `body` is put below a file with a listener. */
function warn(body: string): string[] {
  return warningsOf(`listeners: { web: 8080 }\n${body}`).map((line) =>
    line.replace(/^evenkeel\.yaml:\d+:\d+ /, ""),
  );
}

const two = 'endpoints: ["a:1", "b:1"]';

/** One upstream with two endpoints and these keys, used by one route with those keys. */
function fileOf(upstream: string, route = ""): string {
  const all = upstream.includes("endpoints") ? upstream : `${two}, ${upstream}`;
  return `routes: [{ upstream: u, ${route} }]\nupstreams: { u: { ${all} } }`;
}

describe("nothing is said about", () => {
  const cases: Readonly<Record<string, string>> = {
    "a plain file": fileOf("hold: 1s"),
    "a backup with round_robin": fileOf('endpoints: ["a:1", { address: "b:1", backup: true }]'),
    "a sticky upstream with a secret": `sticky_secret: x\n${fileOf("sticky: c")}`,
    "values without variables": fileOf(
      "hold: 1s",
      'request_headers: { set: { a: "5 $ {host}", b: "{{host}}", Authorization: "$scheme {{x}}" } }',
    ),
    "an asterisk in an expression": fileOf("hold: 1s", 'path: { regex: "^/a.*b" }'),
    "a short total timeout": fileOf("hold: 1s", "timeout: 500ms"),
    "methods of one's own, and escapes": fileOf("hold: 1s", 'method: [PURGE, BAN], path: "/a%2fb"'),
    "an endpoint on a listener's port elsewhere": fileOf('endpoints: ["a:1", "10.0.0.1:8080"]'),
    "a redirect alone": "routes: [{ redirect: { scheme: https } }]",
    "a queue with max_conns": fileOf("queue: { timeout: 1s }, max_conns: 10"),
    "a queue with max_conns of one endpoint": fileOf(
      'queue: { timeout: 1s }, endpoints: ["a:1", { address: "b:1", max_conns: 3 }]',
    ),
    "no queue": fileOf("queue: off"),
    "a hedge of methods that may be repeated, among others": fileOf(
      "hold: 1s",
      "method: [POST, PUT], hedge: { after: 1s }",
    ),
    "a hedge of all methods": fileOf("hold: 1s", "hedge: { after: 1s }"),
    "a hedge of what may be repeated by the operator's word": fileOf(
      "hold: 1s",
      "method: POST, retry: { non_idempotent: true }, hedge: { after: 1s }",
    ),
    "clients of whom some are allowed": fileOf(
      "hold: 1s",
      'client: [10.0.0.0/8, "fd00::/8"], allow: [10.1.0.0/16, 192.0.2.1]',
    ),
    "clients within what is allowed": fileOf("hold: 1s", "client: 10.1.0.0/16, allow: 10.0.0.0/8"),
    "the default number of retries with one endpoint": fileOf('endpoints: ["a:1"]'),
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(warn(text), []));
  }
});

describe("what is legal but surely not meant", () => {
  const cases: readonly [name: string, text: string, expected: string][] = [
    [
      "a variable of nginx",
      fileOf("hold: 1s", "request_headers: { set: { X-Real-IP: $remote_addr } }"),
      "routes[0].request_headers.set.X-Real-IP: $remote_addr is sent as it is: it is no variable here; write {{client_address}}",
    ],
    [
      "a fetch of HAProxy",
      fileOf("hold: 1s", 'response_headers: { add: { a: ["b", "%[src]"] } }'),
      "routes[0].response_headers.add.a[1]: %[src] is sent as it is: it is no variable here; write {{client_address}}",
    ],
    [
      "an unknown placeholder",
      fileOf("hold: 1s", 'request_headers: { set: { a: "{{hots}}" } }'),
      'routes[0].request_headers.set.a: {{hots}} is sent as it is: the names are client_address, request_id, host, route, upstream; did you mean "host"?',
    ],
    [
      "an asterisk in a path",
      fileOf("hold: 1s", "path: /v1/*"),
      "routes[0].path: an asterisk in a path stands for itself; a prefix holds everything below it; for patterns there is path.regex",
    ],
    [
      "an access log in a folder that is not there",
      `access_log: { path: /nowhere/at/all/access.log }\n${fileOf("hold: 1s")}`,
      "access_log.path: there is no folder /nowhere/at/all",
    ],
    [
      "a word taken for a file",
      `access_log: { path: off }\n${fileOf("hold: 1s")}`,
      'access_log.path: is a file named "off"; write access_log: off',
    ],
    [
      "a method with a typo",
      fileOf("hold: 1s", "method: [GET, PSOT, FROBNICATE]"),
      'routes[0].method[1]: PSOT is no registered method; did you mean "POST"?',
    ],
    [
      "a method that is always refused",
      fileOf("hold: 1s", "method: connect"),
      "routes[0].method: never matches: CONNECT is always refused",
    ],
    [
      "a broken escape in a path",
      fileOf("hold: 1s", 'path: "/100%/a"'),
      "routes[0].path: never matches: %/a is no escape; a percent sign is written %25",
    ],
    [
      "a retry where nothing is forwarded",
      "routes: [{ respond: 200, retry: 1 }]",
      "routes[0].retry: has no effect: this route forwards nothing",
    ],
    [
      "a timeout where nothing is forwarded",
      "routes: [{ redirect: { scheme: https }, timeout: 5s }]",
      "routes[0].timeout: has no effect: this route forwards nothing",
    ],
    [
      "an endpoint that is a listener",
      fileOf('endpoints: ["a:1", "127.0.0.1:8080"]'),
      "upstreams.u.endpoints[1]: 127.0.0.1:8080 is Evenkeel's own listener web (0.0.0.0:8080)",
    ],
    [
      "an endpoint that is the admin address",
      fileOf('endpoints: ["a:1", "localhost:9900"]'),
      "upstreams.u.endpoints[1]: localhost:9900 is Evenkeel's own admin (127.0.0.1:9900)",
    ],
    [
      "a word taken for a name",
      `via_name: off\n${fileOf("hold: 1s")}`,
      "via_name: is taken as a name; to send no Via write forwarded: { via: false } on the listener",
    ],
    ["no route", "log: {}", "routes: there is no route: every request gets 404"],
    [
      "no endpoints",
      fileOf("endpoints: []"),
      "upstreams.u: has no endpoints: every request to it gets 503",
    ],
    [
      "an unused upstream",
      `routes: [{ respond: 200 }]\nupstreams: { u: { ${two} } }`,
      "upstreams.u: no route uses this upstream",
    ],
    [
      "all weights 0",
      fileOf('endpoints: [{ address: "a:1", weight: 0 }]'),
      "upstreams.u.endpoints: all weights are 0: no endpoint takes new clients",
    ],
    [
      "only backups",
      fileOf('endpoints: [{ address: "a:1", backup: true }]'),
      "upstreams.u.endpoints: all endpoints are backups: there is none they could stand in for",
    ],
    [
      "a backup with ip_hash",
      fileOf('balance: ip_hash, endpoints: ["a:1", { address: "b:1", backup: true }]'),
      "upstreams.u.endpoints[1].backup: nginx refuses backups with ip_hash: clients move to other endpoints when it steps in",
    ],
    [
      "a backup with random",
      fileOf('balance: random, endpoints: ["a:1", { address: "b:1", backup: true }]'),
      "upstreams.u.endpoints[1].backup: nginx refuses backups with random: clients move to other endpoints when it steps in",
    ],
    [
      "max_fails on a lone endpoint",
      fileOf('endpoints: [{ address: "a:1", max_fails: 2 }]'),
      "upstreams.u.endpoints[0]: max_fails and fail_timeout have no effect on the only endpoint",
    ],
    [
      "fail_timeout without max_fails",
      fileOf('endpoints: ["a:1", { address: "b:1", max_fails: 0, fail_timeout: 5s }]'),
      "upstreams.u.endpoints[1].fail_timeout: has no effect while max_fails is 0",
    ],
    [
      "sticky with ip_hash",
      `sticky_secret: x\n${fileOf("balance: ip_hash, sticky: c")}`,
      "upstreams.u.sticky: binds clients that ip_hash binds already",
    ],
    [
      "sticky without a secret",
      fileOf("sticky: c"),
      "upstreams.u.sticky: without sticky_secret all clients lose their endpoint when Evenkeel restarts",
    ],
    [
      "weights with first",
      fileOf('balance: first, endpoints: ["a:1", { address: "b:1", weight: 3 }]'),
      "upstreams.u.balance: first takes endpoints in their order: weights don't matter to it",
    ],
    [
      "a check longer than its interval",
      fileOf("health_check: { timeout: 9s }"),
      "upstreams.u.health_check.timeout: is longer than the interval between two checks",
    ],
    [
      "a body expected from HEAD",
      fileOf("health_check: { method: HEAD, expected_body: ok }"),
      "upstreams.u.health_check.expected_body: can't be found: answers to HEAD have no body",
    ],
    [
      "slow start alone",
      fileOf('endpoints: ["a:1"], slow_start: 5s'),
      "upstreams.u.slow_start: has no effect on the only endpoint: all traffic goes there anyway",
    ],
    [
      "a queue that never fills",
      fileOf("max_conns: 5, queue: { max: 50 }, circuit_breaker: { max_pending: 10 }"),
      "upstreams.u.queue.max: is never reached: circuit_breaker.max_pending is 10",
    ],
    [
      "connections above requests",
      fileOf("circuit_breaker: { max_connections: 50, max_requests: 10 }"),
      "upstreams.u.circuit_breaker.max_connections: is never reached: max_requests is lower",
    ],
    ["a long hold", fileOf("hold: 2m"), "upstreams.u.hold: few clients wait longer than a minute"],
    [
      "a total below first_byte",
      fileOf("hold: 1s", "timeout: 5s, timeouts: { first_byte: 9s }"),
      "routes[0].timeouts.first_byte: never comes to bear: the total timeout of 5s is shorter",
    ],
    [
      "a total below connect",
      fileOf("hold: 1s", "timeout: 500ms, timeouts: { connect: 2s }"),
      "routes[0].timeout: the total timeout of 500ms is shorter than connecting may take (2s)",
    ],
    [
      "no time for a retry",
      fileOf("hold: 1s", "timeout: 5s, retry: { attempt_timeout: 5s }"),
      "routes[0].retry.attempt_timeout: leaves no time for a retry: the total timeout is 5s",
    ],
    [
      "more retries than endpoints",
      fileOf("hold: 1s", "retry: { attempts: 4 }"),
      "routes[0].retry.attempts: the upstream has 2 endpoints, and none is tried twice",
    ],
    [
      "a hedge with one endpoint",
      fileOf('endpoints: ["a:1"]', "hedge: { after: 1s }"),
      "routes[0].hedge: the upstream has 1 endpoint: there is no other to ask",
    ],
    [
      "a queue without max_conns",
      fileOf("queue: { max: 50 }"),
      "upstreams.u.queue: has no effect: requests wait for room, and without max_conns there always is",
    ],
    [
      "a hedge of methods that are never repeated",
      fileOf("hold: 1s", "method: [POST, PATCH, PURGE], hedge: { after: 1s }"),
      "routes[0].hedge: has no effect on POST, PATCH, PURGE: only what may be repeated is sent twice, such as requests with an Idempotency-Key",
    ],
    [
      "clients of whom nobody is allowed",
      fileOf("hold: 1s", 'client: [10.0.0.0/8, "fd00::/8"], allow: [192.168.0.0/16, "::/127"]'),
      "routes[0].allow: holds nobody of the route's client networks: everybody who gets here gets 403",
    ],
    ["everybody denied", fileOf("hold: 1s", "deny: 0.0.0.0/0"), "routes[0].deny: denies everybody"],
  ];
  for (const [name, text, expected] of cases) {
    test(name, () => assert.deepEqual(warn(text), [expected]));
  }

  test("no listener", () =>
    assert.deepEqual(warningsOf("log: {}"), [
      "evenkeel.yaml:1:1 listeners: there is no listener: nothing will be served",
    ]));
});

describe("routes that can never match", () => {
  // The keys of routes; the last is hidden (by which?) or not.
  const cases: readonly [routes: readonly string[], hiddenBy: number | undefined][] = [
    [["", ""], 0],
    [["path: /a", "path: /a/"], 0],
    [["path: /a", "path: /b"], undefined],
    [["path: /", "path: /a"], undefined],
    [["", "path: /"], 0],
    [["host: a", "host: A"], 0],
    [["host: a", "host: [a, b]"], undefined],
    [["host: [a, b]", "host: b"], 0],
    [["host: a", "host: b", "host: [a, b]"], 1],
    [['host: "*.a"', "host: x.a"], undefined],
    [["path: { exact: /a }", "path: /a"], undefined],
    [["path: { regex: a }", "path: { regex: a }"], 0],
    [["method: GET", ""], undefined],
    [["", "method: GET"], undefined],
    [["method: [GET, HEAD]", "method: GET"], 0],
    [["method: GET", "method: [GET, HEAD]"], undefined],
    [["headers: { a: { present: true } }", 'headers: { A: "1" }'], 0],
    [['headers: { a: "1" }', "headers: { a: { present: true } }"], undefined],
    [["headers: { a: { prefix: x } }", "headers: { a: { exact: xy } }"], 0],
    [["headers: { a: { prefix: x } }", "headers: { a: { exact: yx } }"], undefined],
    [["headers: { a: { present: true } }", "headers: { a: x, b: y }"], undefined],
    [["query: { a: { present: true } }", "query: { A: x }"], undefined],
    [["cookies: { a: x }", "cookies: { a: x }"], 0],
    [["client: 10.0.0.0/8", "client: 10.1.0.0/16"], undefined],
    [["client: [10.0.0.0/8, 11.0.0.0/8]", "client: 11.0.0.0/8"], 0],
    [["listener: web", ""], undefined],
    [["listener: web", "listener: web"], 0],
  ];
  for (const [routes, hiddenBy] of cases) {
    test(`${routes.map((keys) => `{${keys}}`).join(" ")} ${hiddenBy === undefined ? "all match" : "hides the last"}`, () => {
      const lines = routes.map((keys) => `  - { ${keys && `${keys}, `}respond: 200 }`);
      const found = warn(`routes:\n${lines.join("\n")}`);
      if (hiddenBy === undefined) assert.deepEqual(found, []);
      else {
        assert.equal(found.length, 1);
        const [text] = found;
        assert.ok(text!.startsWith(`routes[${routes.length - 1}]: never matches: `), text);
        assert.ok(text!.endsWith(`(routes[${hiddenBy}]) takes every request it would`), text);
      }
    });
  }

  test("two thousand routes with one host and path are looked through in no time", () => {
    const routes = Array.from(
      { length: 2_000 },
      (_, at) => `  - { path: /a, headers: { x: v${at} }, respond: 200 }`,
    );
    const startedAt = performance.now();
    assert.deepEqual(warn(`routes:\n${routes.join("\n")}`), []);
    assert.ok(performance.now() - startedAt < 5_000);
  });
});
