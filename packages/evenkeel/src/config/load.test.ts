import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { stringify } from "yaml";
import { toDesired } from "./desired/to-desired.ts";
import { diffDesired } from "./diff.ts";
import { loadConfig, parseConfig } from "./load.ts";
import { formatProblems } from "./problem.ts";
import { quickStartConfig } from "./quick-start.ts";
import { SlotAllocator } from "./slots.ts";
import { configure, desire, problemsOf, warningsOf } from "./testing/configure.ts";

describe("problems are told with their place", () => {
  // The file, then what is expected behind "evenkeel.yaml:", one line per problem.
  const cases: readonly [name: string, text: string, ...expected: string[]][] = [
    ["an empty file is sound", ""],
    ["unknown key", "routs: []", '1:1 routs: unknown key; did you mean "routes"?'],
    ["unknown key far from all", "zebra: 1", "1:1 zebra: unknown key"],
    ["a key that comes later", "cluster: {}", "1:1 cluster: unknown key"],
    [
      "a word of supervisord",
      "processes: { a: { command: x, numprocs: 2 } }",
      '1:31 processes.a.numprocs: unknown key; did you mean "instances"?',
    ],
    [
      "a word of supervisord that stands deeper here",
      "processes: { a: { command: x, stopwaitsecs: 2 } }",
      "1:31 processes.a.stopwaitsecs: unknown key; write stop: { timeout: … }",
    ],
    [
      "a word of nginx",
      "upstreams: { a: { keepalive: 32 } }",
      '1:19 upstreams.a.keepalive: unknown key; did you mean "pool"?',
    ],
    [
      "another word of nginx",
      "limits: { client_max_body_size: 1m }",
      '1:11 limits.client_max_body_size: unknown key; did you mean "body"?',
    ],
    [
      "another balancer's word",
      "backends: {}",
      '1:1 backends: unknown key; did you mean "upstreams"?',
    ],
    [
      "unknown key deep inside",
      "upstreams:\n  a:\n    health_check: { intervall: 5s }",
      '3:21 upstreams.a.health_check.intervall: unknown key; did you mean "interval"?',
    ],
    [
      "duplicate key",
      "log: {}\nroutes: []\nlog: {}",
      "3:1 log: is written twice; remove one of them",
    ],
    [
      "duplicate key in a flow map",
      "log: { level: info, level: warn }",
      "1:21 log.level: is written twice; remove one of them",
    ],
    [
      "duplicate key whose first value is wrong",
      "upstreams:\n  a:\n    balance: hash\n    balance: round_robin",
      '3:14 upstreams.a.balance: must be one of round_robin, random, least_conn, two_choices, ip_hash, first, least_time, hash (hash needs a key: {policy: hash, key: "header:X-User"}); got hash',
      "4:5 upstreams.a.balance: is written twice; remove one of them",
    ],
    [
      "duplicate key whose first value lacks something",
      "upstreams:\n  a:\n    balance: { policy: hash }\n    balance: round_robin",
      "3:14 upstreams.a.balance.key: is required",
      "4:5 upstreams.a.balance: is written twice; remove one of them",
    ],
    ["empty value", "routes:\nlog: {}", "1:8 routes: is empty; write a value or remove the key"],
    [
      "a key of JavaScript's own",
      "upstreams: { __proto__: {} }",
      "1:14 upstreams.__proto__: can't be a key",
    ],
    [
      "more hedges than one",
      "upstreams: { u: {} }\nroutes: [{ upstream: u, hedge: { after: 1s, max: 2 } }]",
      "2:45 routes[0].hedge.max: unknown key",
    ],
    [
      "an access log that is on",
      "access_log: on",
      "1:13 access_log: must be off, or a map such as { format: json }; got on",
    ],
    [
      "a redirect to a URL",
      "routes: [{ redirect: https://x/ }]",
      "1:22 routes[0].redirect: must be a map such as { scheme: https, host: shop.example, status: 301 }; got https://x/",
    ],
    ["an empty token", 'admin: { token: "" }', "1:17 admin.token: is empty"],
    [
      "a wrong network without its list",
      "trusted_proxies: 10.0.0.0/99",
      '1:18 trusted_proxies: must be an address or a network such as "10.0.0.0/8" or "fd00::/8"; got 10.0.0.0/99',
    ],
    ["a list for a map", "upstreams: [a]", "1:12 upstreams: must be a map; got a list"],
    ["a map for a list", "routes: { a: 1 }", "1:9 routes: must be a list; got a map"],
    ["not a map at all", "hello", "1:1: must be a map; got hello"],
    ["tabs", "log:\n\tlevel: info", "2:1: YAML: indent with blanks, not with tabs"],
    ["unclosed bracket", "routes: [\nlog: {}", "2:1: YAML: a { or [ above is not closed"],
    [
      "two documents",
      "log: {}\n---\nlog: {}",
      "2:1: YAML: the file has more than one YAML document: remove the ---",
    ],
    ["alias of nothing", "log: *x", "1:6 log: is an alias of nothing above it"],
    [
      "bad duration",
      "shutdown: { grace: 5 parsecs }",
      '1:20 shutdown.grace: must be a duration such as "5s", "250ms" or "1m30s", up to 24 days; got 5 parsecs',
    ],
    [
      "duration without a unit",
      "shutdown: { grace: 5 }",
      '1:20 shutdown.grace: must be a duration such as "5s", "250ms" or "1m30s", up to 24 days; got 5',
    ],
    [
      "zero where off is not allowed",
      "shutdown: { grace: 0s }",
      '1:20 shutdown.grace: must be a duration such as "5s", "250ms" or "1m30s", up to 24 days; got 0s',
    ],
    [
      "bad size",
      "limits: { body: 1MB }",
      '1:17 limits.body: must be a size such as "64KiB", "1MiB" or "10k", or off; got 1MB',
    ],
    [
      "bad word",
      "log: { level: wran }",
      '1:15 log.level: must be one of debug, info, warn, error; got wran; did you mean "warn"?',
    ],
    [
      "number out of range",
      "workers: 65",
      "1:10 workers: must be a whole number from 1 to 64; got 65",
    ],
    [
      "neither way to write it",
      "workers: many",
      "1:10 workers: must be auto or a whole number; got many",
    ],
    [
      "port too large",
      'listeners: { web: "127.0.0.1:70000" }',
      '1:19 listeners.web: must be an address to listen on: "host:port", "[::]:port", ":port" or a port; got "127.0.0.1:70000"',
    ],
    [
      "missing key",
      "listeners: { web: { max_connections: 5 } }",
      "1:19 listeners.web.bind: is required",
    ],
    [
      "one bad of a list",
      "listeners: { web: { bind: [80, x] } }",
      '1:32 listeners.web.bind[1]: must be an address to listen on: "host:port", "[::]:port", ":port" or a port; got x',
    ],
    [
      "one bad without its list",
      "listeners: { web: { bind: x } }",
      '1:27 listeners.web.bind: must be an address to listen on: "host:port", "[::]:port", ":port" or a port; got x',
    ],
    [
      "bad name",
      'upstreams: { "a b": {} }',
      '1:14 upstreams["a b"]: must be a name of up to 100 letters, digits, - _ . and /',
    ],
    [
      "TLS",
      "listeners: { web: { bind: 443, tls: {} } }",
      "1:32 listeners.web.tls: TLS is not supported in this version",
    ],
    [
      "TCP",
      "listeners: { db: { bind: 5432, protocol: tcp } }",
      "1:32 listeners.db.protocol: protocol is not supported in this version: every listener speaks HTTP/1.1",
    ],
    [
      "discovery",
      "upstreams: { a: { discover: {} } }",
      "1:19 upstreams.a.discover: discovery is not supported in this version: list the endpoints",
    ],
    [
      "bad network",
      "trusted_proxies: [10.0.0.0/33]",
      '1:19 trusted_proxies[0]: must be an address or a network such as "10.0.0.0/8" or "fd00::/8"; got 10.0.0.0/33',
    ],
    [
      "bad regex",
      'routes: [{ path: { regex: "(" }, respond: 200 }]',
      '1:27 routes[0].path.regex: must be a regular expression in RE2 syntax (no look-around, no back-references); got "("',
    ],
    [
      "look-around",
      'routes: [{ path: { regex: "(?=a)" }, respond: 200 }]',
      '1:27 routes[0].path.regex: must be a regular expression in RE2 syntax (no look-around, no back-references); got "(?=a)"',
    ],
    [
      "two kinds of path",
      "routes: [{ path: { exact: /a, prefix: /b }, respond: 200 }]",
      "1:18 routes[0].path: must have exactly one of exact, prefix, regex; got a map",
    ],
    [
      "host with a port",
      'routes: [{ host: "a:80", respond: 200 }]',
      '1:18 routes[0].host: must be a host name without port, such as "shop.example" or "*.shop.example"; got "a:80"',
    ],
    [
      "number for text",
      "routes: [{ headers: { x-a: 1 }, respond: 200 }]",
      "1:28 routes[0].headers.x-a: must be text (numbers in quotes), or a map with one of exact, prefix, regex, present; got 1",
    ],
    [
      "a header of its own",
      'routes: [{ request_headers: { set: { Content-Length: "0" } }, respond: 200 }]',
      "1:38 routes[0].request_headers.set.Content-Length: must be a header name that Evenkeel does not write itself (Host: use rewrite.host)",
    ],
    [
      "a line end in a header",
      'routes: [{ response_headers: { set: { x-a: "a\\r\\nb: c" } }, respond: 200 }]',
      '1:44 routes[0].response_headers.set.x-a: must be text of one line, in letters up to ÿ (put numbers and words such as true in quotes); got "a\\r\\nb: c"',
    ],
    [
      "hash without key",
      "upstreams: { a: { balance: hash } }",
      '1:28 upstreams.a.balance: must be one of round_robin, random, least_conn, two_choices, ip_hash, first, least_time, hash (hash needs a key: {policy: hash, key: "header:X-User"}); got hash',
    ],
    [
      "unknown policy",
      "upstreams: { a: { balance: { policy: roundrobin } } }",
      '1:38 upstreams.a.balance.policy: must be one of round_robin, random, least_conn, two_choices, ip_hash, first, least_time, hash; got roundrobin; did you mean "round_robin"?',
    ],
    [
      "another policy's key",
      "upstreams: { a: { balance: { policy: first, decay: 5s } } }",
      "1:45 upstreams.a.balance.decay: does not go with the policy or protocol here",
    ],
    [
      "another protocol's key",
      "upstreams: { a: { health_check: { protocol: tcp, path: / } } }",
      "1:50 upstreams.a.health_check.path: does not go with the policy or protocol here",
    ],
    [
      "unknown protocol",
      "upstreams: { a: { health_check: { protocol: grpc } } }",
      "1:45 upstreams.a.health_check.protocol: must be one of http, tcp, command; got grpc",
    ],
    [
      "retry at a typo",
      "routes: [{ respond: 200, retry: { on: reste } }]",
      '1:39 routes[0].retry.on: must be one of 429, 500, 502, 503, 504, connect_failure, reset, timeout; got reste; did you mean "reset"?',
    ],
    [
      "unset variable",
      "service_name: ${NOPE}",
      "1:15 service_name: needs the environment variable NOPE, which is not set; set it, or write ${NOPE:-default}",
    ],
    [
      "an unset variable beside other problems",
      "listeners: { web: '${NOPE}' }\nroutes: [{ upstream: '${NOPE}', timeot: 5s }, { upstream: x, listener: web }]",
      "1:19 listeners.web: needs the environment variable NOPE, which is not set; set it, or write ${NOPE:-default}",
      "2:22 routes[0].upstream: needs the environment variable NOPE, which is not set; set it, or write ${NOPE:-default}",
      '2:33 routes[0].timeot: unknown key; did you mean "timeout"?',
      "2:59 routes[1].upstream: there is no such upstream; got x",
    ],
    [
      "an unset variable where a value is required",
      "upstreams: { u: { endpoints: [{ address: '${NOPE}' }, 'a:0'] } }\nroutes: [{ path: { regex: '${NOPE}' }, upstream: u }]",
      "1:42 upstreams.u.endpoints[0].address: needs the environment variable NOPE, which is not set; set it, or write ${NOPE:-default}",
      '1:55 upstreams.u.endpoints[1]: must be "host:port" with a port from 1 to 65535, such as "10.0.0.1:8080", "[fd00::1]:8080" or "app:80"; got \'a:0\'',
      "2:27 routes[0].path.regex: needs the environment variable NOPE, which is not set; set it, or write ${NOPE:-default}",
    ],
    [
      "malformed variable",
      'service_name: "a${b-c}"',
      '1:15 service_name: has a malformed "${…}"; write "${NAME}", "${NAME:-default}" or "$${"',
    ],
  ];
  for (const [name, text, ...expected] of cases) {
    test(name, () =>
      assert.deepEqual(
        problemsOf(text),
        expected.map((line) => `evenkeel.yaml:${line}`),
      ),
    );
  }
});

describe("rules over several keys", () => {
  const sound = "upstreams: { api: {}, web: {} }\n";
  const route = (keys: string) => `${sound}routes: [{ ${keys} }]`;
  const cases: readonly [name: string, text: string, expected: string][] = [
    [
      "unknown upstream",
      route("upstream: apl"),
      '2:22 routes[0].upstream: there is no such upstream; got apl; did you mean "api"?',
    ],
    [
      "unknown listener",
      `listeners: { public: 80 }\n${route("upstream: api, listener: pulbic")}`,
      '3:37 routes[0].listener: there is no such listener; got pulbic; did you mean "public"?',
    ],
    [
      "no action",
      route("path: /"),
      "2:10 routes[0]: must have exactly one of upstream, redirect, respond; it has none",
    ],
    [
      "two actions",
      route("upstream: api, respond: 200"),
      "2:10 routes[0]: must have exactly one of upstream, redirect, respond; it has upstream and respond",
    ],
    [
      "two totals",
      route("upstream: api, timeout: 1s, timeouts: { total: 2s }"),
      "2:36 routes[0].timeout: says the same as timeouts.total: write one of them",
    ],
    [
      "strip without a prefix",
      route("upstream: api, path: { exact: /a }, rewrite: { strip_prefix: true }"),
      "2:73 routes[0].rewrite.strip_prefix: needs a path prefix in this route's path to work on",
    ],
    [
      "rewrite of nothing",
      route("respond: 200, rewrite: { host: a }"),
      "2:35 routes[0].rewrite: needs an upstream to forward to",
    ],
    [
      "a name twice",
      `${sound}routes: [{ name: a, upstream: api }, { name: a, upstream: web }]`,
      "2:46 routes[1].name: routes[0] has this name already",
    ],
    [
      "an address twice in an upstream",
      'upstreams: { a: { endpoints: ["h:1", { address: "H:1" }] } }',
      "1:49 upstreams.a.endpoints[1].address: h:1 is already endpoints[0] of this upstream",
    ],
    [
      "two listeners on one address",
      "listeners: { a: 8080, b: { bind: [8081, 8080] } }",
      "1:41 listeners.b.bind[1]: 0.0.0.0:8080 is already taken by listener a",
    ],
    [
      "admin on a listener's address",
      'listeners: { a: "127.0.0.1:9900" }\nadmin: { bind: "127.0.0.1:9900" }',
      "2:16 admin.bind: 127.0.0.1:9900 is already taken by listener a",
    ],
    [
      "admin's port taken everywhere",
      'listeners: { a: 9900 }\nadmin: { bind: "127.0.0.1:9900" }',
      "2:16 admin.bind: clashes with listener a on 0.0.0.0:9900",
    ],
    [
      "admin for all without a token",
      "admin: { bind: 9901 }",
      "1:8 admin: 0.0.0.0:9901 can be reached by others: a token is required; add token_file",
    ],
    [
      "two ways to give a token",
      "admin: { token: a, token_file: b }",
      "1:32 admin.token_file: can't be written together with token",
    ],
    [
      "a token file that is not there",
      "admin: { token_file: /nowhere/token }",
      "1:22 admin.token_file: names a file that can't be read (ENOENT); got /nowhere/token",
    ],
    [
      "cross-site cookie in the clear",
      "upstreams: { a: { sticky: { same_site: none } } }",
      "1:40 upstreams.a.sticky.same_site: none is refused by browsers without secure: true",
    ],
    [
      "ejection that shrinks",
      "upstreams: { a: { ejection: { base: 10s, max: 5s } } }",
      "1:47 upstreams.a.ejection.max: must not be shorter than base; got 5s",
    ],
  ];
  for (const [name, text, expected] of cases) {
    test(name, () => assert.deepEqual(problemsOf(text), [`evenkeel.yaml:${expected}`]));
  }

  test("are told together with broken keys, without what only follows from those", () => {
    const text = [
      "listeners: { web: { bind: nowhere }, other: 80, third: 80 }",
      "routes:",
      "  - { upstrem: api }",
      "  - { upstream: apo, timeout: 5 }",
      "  - { upstream: broken, listener: web }",
      "upstreams:",
      "  api: {}",
      "  broken: { balance: best }",
    ].join("\n");
    assert.deepEqual(
      problemsOf(text).map((line) => line.replace(/(: (must|there|unknown|0\.0)[^;]*).*/, "$1")),
      [
        'evenkeel.yaml:1:27 listeners.web.bind: must be an address to listen on: "host:port", "[::]:port", ":port" or a port',
        "evenkeel.yaml:1:56 listeners.third: 0.0.0.0:80 is already taken by listener other",
        "evenkeel.yaml:3:7 routes[0].upstrem: unknown key",
        "evenkeel.yaml:4:17 routes[1].upstream: there is no such upstream",
        'evenkeel.yaml:4:31 routes[1].timeout: must be a duration such as "5s", "250ms" or "1m30s", or off',
        'evenkeel.yaml:8:22 upstreams.broken.balance: must be one of round_robin, random, least_conn, two_choices, ip_hash, first, least_time, hash (hash needs a key: {policy: hash, key: "header:X-User"})',
      ],
    );
  });

  const behind: readonly [name: string, text: string, ...expected: string[]][] = [
    [
      "a broken endpoint hides no double ones in its list",
      'upstreams: { a: { endpoints: ["h:1", nonsense, "h:1", "${NOPE}", { address: "h:1", weight: x }, "h:0"] } }',
      "1:38 upstreams.a.endpoints[1]",
      "1:48 upstreams.a.endpoints[2]",
      "1:55 upstreams.a.endpoints[3]",
      "1:77 upstreams.a.endpoints[4].address",
      "1:92 upstreams.a.endpoints[4].weight",
      "1:97 upstreams.a.endpoints[5]",
    ],
    [
      "a broken endpoint is the double of none",
      'upstreams: { a: { endpoints: ["h:1", nonsense, nonsense, { adress: "h:2" }] } }',
      "1:38 upstreams.a.endpoints[1]",
      "1:48 upstreams.a.endpoints[2]",
      "1:58 upstreams.a.endpoints[3].address",
      "1:60 upstreams.a.endpoints[3].adress",
    ],
    [
      "a broken address hides no clash of the others",
      "listeners: { a: { bind: [80, x] }, b: 80 }",
      "1:30 listeners.a.bind[1]",
      "1:39 listeners.b",
    ],
    [
      "a broken action is one too many all the same",
      "upstreams: { a: {} }\nroutes:\n  - { upstream: a, redirect: { status: 299, host: a } }\n  - { upstream: 5, respond: 7 }",
      "3:5 routes[0]",
      "3:40 routes[0].redirect.status",
      "4:5 routes[1]",
      "4:17 routes[1].upstream",
      "4:29 routes[1].respond",
    ],
    [
      "a broken action is none too few, and rules that need it are kept",
      "upstreams: { a: {} }\nroutes: [{ upstream: 5, rewrite: { host: a } }, { redirect: { status: 299, host: a } }]",
      "2:22 routes[0].upstream",
      "2:71 routes[1].redirect.status",
    ],
  ];
  for (const [name, text, ...expected] of behind) {
    test(name, () =>
      assert.deepEqual(
        problemsOf(text).map((line) => /^evenkeel\.yaml:(\d+:\d+ [^:]+):/.exec(line)?.[1]),
        expected,
      ),
    );
  }

  test("a broken key deep in a route hides nothing else", () => {
    const text = [
      "routes:",
      '  - { upstream: a, request_headers: { set: { "x y": "1" } } }',
      "  - { upstream: b }",
      "upstreams: { a: {} }",
    ].join("\n");
    assert.deepEqual(
      problemsOf(text).map((line) => line.split(":").slice(1, 3).join(":")),
      ['2:46 routes[0].request_headers.set["x y"]', "3:17 routes[1].upstream"],
    );
  });

  test("a broken map of names leads to no complaints about names", () => {
    assert.equal(problemsOf("upstreams: []\nroutes: [{ upstream: a }]").length, 1);
    assert.equal(problemsOf("upstrems: { a: {} }\nroutes: [{ upstream: a }]").length, 1);
  });

  test("more than the board holds is refused", () => {
    const lines = Array.from({ length: 257 }, (_, port) => `  l${port}: ${port + 1000}`);
    assert.deepEqual(problemsOf(`listeners:\n${lines.join("\n")}`), [
      "evenkeel.yaml:1:1 listeners: there may be at most 256 listeners; there are 257",
    ]);
  });
});

test("a problem is printed with its line and a caret", () => {
  const result = parseConfig("evenkeel.yaml", "upstreams:\n  api:\n    hold: 5 parsecs\n");
  assert.ok(!result.ok);
  assert.equal(
    formatProblems(result.problems),
    [
      'evenkeel.yaml:3:11 upstreams.api.hold: must be a duration such as "5s", "250ms" or "1m30s", or off; got 5 parsecs',
      "    3 |     hold: 5 parsecs",
      "      |           ^",
    ].join("\n"),
  );
});

test("a long line is shown around the column", () => {
  const result = parseConfig("e.yaml", `routes: [{ name: ${"n".repeat(150)}, upstream: x }]`);
  assert.ok(!result.ok);
  for (const block of formatProblems(result.problems).split("\n")) {
    if (block.includes("|")) assert.ok(block.length < 120, block);
  }
});

describe("values", () => {
  test("variables are filled in, also as numbers, with defaults and escapes", () => {
    const text = [
      "listeners:",
      "  web:",
      '    bind: "${HOST:-127.0.0.1}:${PORT}"',
      "    max_connections: ${MAX}",
      "service_name: a-${EMPTY:-b}-$${c}",
    ].join("\n");
    const config = configure(text, { environment: { PORT: "8080", MAX: "7", EMPTY: "" } });
    assert.deepEqual(config.listeners["web"]?.bind, [{ host: "127.0.0.1", port: 8080 }]);
    assert.equal(config.listeners["web"].max_connections, 7);
    assert.equal(config.service_name, "a-b-${c}");
  });

  test("what a variable holds is not filled in again", () => {
    const config = configure('service_name: "${A}"', { environment: { A: "${B}" } });
    assert.equal(config.service_name, "${B}");
  });

  test("aliases and merge keys are followed", () => {
    const text = [
      "upstreams:",
      "  a: &base { hold: 5s, endpoints: [h:1] }",
      "  b: { <<: *base, hold: 1s }",
      "  c: *base",
    ].join("\n");
    const { upstreams } = configure(text);
    assert.deepEqual(
      Object.values(upstreams).map(({ hold, endpoints }) => [hold, endpoints.length]),
      [
        [5_000, 1],
        [1_000, 1],
        [5_000, 1],
      ],
    );
  });

  test("aliases that would multiply to billions of values are refused in no time", () => {
    const lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1]"];
    for (let level = 1; level < 12; level++) {
      const before = `*a${level - 1}`;
      lines.push(`a${level}: &a${level} [${Array(9).fill(before).join(",")}]`);
    }
    assert.equal(problemsOf(lines.join("\n")).length, 12);
  });

  test("an alias inside its own anchor is refused", () =>
    assert.deepEqual(problemsOf("routes: &r [*r]"), [
      "evenkeel.yaml:1:13 routes[0]: is an alias of nothing above it",
    ]));

  test("bottomless nesting is refused", () => {
    const [problem] = problemsOf(`routes: ${"[".repeat(500)}${"]".repeat(500)}`);
    assert.match(problem!, /is nested too deeply/);
  });

  test("paths outside ASCII are escaped, hosts are put in their ASCII form", () => {
    const [route] = configure(
      'routes: [{ host: "*.Bücher.example", path: /straße/, respond: 200 }]',
    ).routes;
    assert.deepEqual(route?.path, { kind: "prefix", value: "/stra%C3%9Fe/" });
    assert.deepEqual(route?.host, ["*.xn--bcher-kva.example"]);
  });

  test("everything is frozen", () => {
    const config = configure("upstreams: { a: { endpoints: [h:1] } }");
    assert.throws(() => (config.upstreams["a"]!.endpoints as unknown[]).push(1), TypeError);
    const { snapshot } = desire("upstreams: { a: { endpoints: [h:1] } }");
    assert.ok(Object.isFrozen(snapshot.upstreams[0]!.endpoints[0]));
  });
});

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-config-"));
  const file = join(folder, "evenkeel.yaml");
  test.after(() => rmSync(folder, { recursive: true }));

  test("secrets are read from files beside the configuration, logs are placed there", () => {
    writeFileSync(join(folder, "token"), "  abc\n");
    writeFileSync(join(folder, "secret"), "s3\n");
    writeFileSync(
      file,
      "admin: { bind: 9901, token_file: token }\nsticky_secret_file: secret\naccess_log: { path: logs/a.log }",
    );
    const result = loadConfig(file);
    assert.ok(result.ok);
    assert.equal(result.config.admin.token, "abc");
    assert.equal(result.config.sticky_secret, "s3");
    assert.equal(result.config.access_log?.path, join(folder, "logs/a.log"));
  });

  test("an empty secret is refused", () => {
    writeFileSync(join(folder, "empty"), "\n");
    writeFileSync(file, "admin: { token_file: empty }");
    const result = loadConfig(file);
    assert.ok(!result.ok);
    assert.equal(result.problems[0]?.rule, "names an empty file");
  });

  test("a missing file is a problem like any other", () => {
    const missing = join(folder, "missing.yaml");
    const result = loadConfig(missing);
    assert.ok(!result.ok);
    assert.equal(formatProblems(result.problems), `${missing}: there is no such file`);
    const itself = loadConfig(folder);
    assert.ok(!itself.ok);
    assert.equal(formatProblems(itself.problems), `${folder}: this is a folder, not a file`);
  });
});

describe("secrets", () => {
  const secret = "hunter2hunter2";
  const cases: Readonly<Record<string, string>> = {
    "wrong type": `sticky_secret: [${secret}]`,
    "beside a mistake": `admin: { token: ${secret}, bnid: 1 }`,
    "quoted beside a mistake": `admin: { token: "${secret}, x", bnid: 1 }`,
    "unclosed quote": `sticky_secret: "${secret}\nlog: {}`,
    "bad YAML": `sticky_secret: ${secret}: x`,
    "a header's bad value": `routes: [{ respond: 200, request_headers: { set: { Authorization: "${secret}\\n" } } }]`,
    "written twice": `sticky_secret: ${secret}\nsticky_secret: ${secret}`,
    "from the environment": "sticky_secret: '${S}'\nlog: { level: '${S}' }",
    "from the environment in a name": "routes: [{ upstream: '${S}' }]",
  };
  for (const [name, text] of Object.entries(cases)) {
    test(`never appear: ${name}`, () => {
      const result = parseConfig("e.yaml", text, { environment: { S: secret } });
      assert.ok(!result.ok);
      const shown = formatProblems(result.problems) + JSON.stringify(result.problems);
      assert.ok(!shown.includes("hunter2"), shown);
    });
  }
});

describe("the quick start", () => {
  test("is sound and nothing in it is warned of", () => {
    const text = quickStartConfig(["node", "demo.js"]);
    assert.deepEqual(warningsOf(text), []);
    const { snapshot, processes, recovery, drills, admin } = desire(text);
    assert.deepEqual(snapshot.listeners[0]?.addresses, [{ host: "127.0.0.1", port: 8080 }]);
    assert.deepEqual(processes[0]?.command, ["node", "demo.js", "{{instance}}"]);
    assert.equal(processes[0]?.upstream, "app");
    assert.deepEqual([recovery.plans.length, drills.length], [1, 2]);
    assert.equal(admin.port, 9900);
  });
});

describe("properties", () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const durationText = fc.integer({ min: 1, max: 999 }).map((seconds) => `${seconds}s`);
  const endpoint = fc
    .nat(60_000)
    .chain((port) =>
      fc.oneof(
        fc.constant(`h${port}:${port + 1}`),
        fc.record({ address: fc.constant(`g${port}:${port + 1}`), weight: fc.nat(65_535) }),
      ),
    );
  const upstream = fc.record(
    {
      balance: fc.constantFrom("round_robin", "least_conn", { policy: "hash", key: "path" }),
      endpoints: fc.uniqueArray(endpoint, {
        maxLength: 4,
        selector: (one) => (typeof one === "string" ? one : one.address),
      }),
      hold: durationText,
      slow_start: durationText,
      sticky: word,
      ejection: fc.constantFrom("off", { max_ejected: "20%" }),
    },
    { requiredKeys: [] },
  );
  const file = fc.dictionary(word, upstream, { minKeys: 1, maxKeys: 4 }).chain((upstreams) =>
    fc.record({
      upstreams: fc.constant(upstreams),
      routes: fc.array(
        fc.record(
          {
            upstream: fc.constantFrom(...Object.keys(upstreams)),
            host: fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 })),
            path: fc.oneof(fc.constant("/a/"), fc.record({ exact: fc.constant("/b") })),
            timeout: durationText,
            retry: fc.oneof(fc.constant("off"), fc.nat(10)),
          },
          { requiredKeys: ["upstream"] },
        ),
        { maxLength: 6 },
      ),
    }),
  );

  test("a configuration means the same however it is written", () =>
    fc.assert(
      fc.property(file, (value) => {
        const slots = new SlotAllocator();
        const block = desire(stringify(value), slots);
        const flow = toDesired(configure(JSON.stringify(value)), slots, 1);
        assert.deepEqual(flow, block);
        assert.deepEqual(diffDesired(block, flow), []);
        const names = block.snapshot.routes.map(({ name }) => name);
        assert.equal(new Set(names).size, names.length, "route names are unique");
      }),
      { numRuns: 60 },
    ));

  test("no text makes it throw", () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("{}[]:,&*-'\"|>#\n \t%ab$<!?0")) }),
        (text) => {
          const result = parseConfig("e.yaml", text, { environment: {} });
          if (!result.ok) assert.ok(result.problems.length > 0 && formatProblems(result.problems));
        },
      ),
      { numRuns: 500 },
    ));
});

test("sticky: off binds nobody", () => {
  const { upstreams } = configure("upstreams: { a: { sticky: off }, b: { sticky: sid } }");
  assert.equal(upstreams["a"]?.sticky, undefined);
  assert.equal(upstreams["b"]?.sticky?.cookie, "sid");
});

test("what a file holds does not steer the terminal", () => {
  const text = 'log: { level: "\u0085\u202e\u007f" }\nservice_name: { "a\u009b2J": 1 }';
  const result = parseConfig("evenkeel.yaml", `${text}\nzebra: 1 # \u001b[2J`);
  assert.ok(!result.ok);
  const shown = formatProblems(result.problems);
  assert.doesNotMatch(shown.replaceAll("\n", ""), /[\p{Cc}\u202e]/u);
  assert.match(shown, /\u241b\[2J/);
});

describe("what is off, one, or the default", () => {
  test("off is taken wherever it makes sense", () => {
    const names = [
      "health_check",
      "slow_start",
      "queue",
      "circuit_breaker",
      "retry_budget",
      "sticky",
    ];
    const keys = names.map((name) => `${name}: off`).join(", ");
    const { snapshot, health } = desire(
      `routes: [{ upstream: u, hedge: off, rate_limit: off }]\nupstreams: { u: { endpoints: "a:1", ${keys} } }`,
    );
    const [upstream] = snapshot.upstreams;
    assert.equal(health[0]!.check, undefined);
    assert.equal(health[0]!.slowStart, undefined);
    assert.equal(upstream!.queue.max, 0);
    assert.deepEqual(upstream!.breaker, {
      maxConnections: 0,
      maxPending: 0,
      maxRequests: 0,
      maxRetries: 0,
      error: undefined,
    });
    assert.equal(upstream!.retryBudget.min, 1_000_000);
    assert.equal(upstream!.sticky, undefined);
    assert.equal(snapshot.routes[0]!.hedge, undefined);
    assert.equal(snapshot.routes[0]!.rateLimit, undefined);
    assert.deepEqual(problemsOf("upstreams: { u: { circuit_breaker: { error: off } } }"), []);
  });

  test("one endpoint and one trusted network need no list; an empty list is one", () => {
    const one = configure(
      "trusted_proxies: 10.0.0.1\nupstreams: { u: { endpoints: { address: a:1, weight: 3 } } }",
    );
    assert.deepEqual(one.trusted_proxies, ["10.0.0.1/32"]);
    assert.deepEqual(
      one.upstreams["u"]!.endpoints.map(({ address, weight }) => [address.name, weight]),
      [["a:1", 3]],
    );
    const none = configure(
      "trusted_proxies: 10.0.0.1\nlisteners: { web: { bind: 1, trusted_proxies: [] } }",
    );
    assert.deepEqual(none.listeners["web"]!.trusted_proxies, []);
  });

  test("a check takes no longer than its interval unless it says so", () => {
    const timeoutOf = (check: string) =>
      desire(`upstreams: { u: { health_check: { ${check} } } }`).health[0]!.check!.timeoutMs;
    assert.deepEqual(
      ["interval: 1s", "interval: 9s", "interval: 1s, timeout: 3s"].map(timeoutOf),
      [1_000, 2_000, 3_000],
    );
    assert.deepEqual(
      warningsOf(
        'listeners: { web: 1 }\nroutes: [{ upstream: u }]\nupstreams: { u: { endpoints: "a:1", health_check: { interval: 1s } } }',
      ),
      [],
    );
  });
});
