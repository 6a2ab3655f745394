import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EndpointStatus, StatusDocument } from "../admin/status.ts";
import { desire } from "../config/testing/configure.ts";
import { createSticky } from "../proxy/edge/sticky.ts";
import { explainRequest } from "./explain.ts";
import { parseRequest } from "./request-line.ts";

interface Asked {
  readonly header?: readonly string[];
  readonly client?: string;
  readonly status?: StatusDocument;
  readonly knowsStickySecret?: boolean;
}

const WEB = 'listeners: { web: "127.0.0.1:8080" }\n';

/** The lines before those about others. */
function explained(config: string, request: string, asked: Asked = {}): string[] {
  const { header = [], client = "127.0.0.1", status, knowsStickySecret = true } = asked;
  const { snapshot } = desire(config.startsWith("listeners") ? config : WEB + config);
  const parsed = parseRequest({ request, header, client, listener: "web" });
  const lines = explainRequest(snapshot, parsed, { status, knowsStickySecret });
  const end = lines.indexOf("");
  return lines.slice(0, end < 0 ? lines.length : end);
}

describe("who refuses", () => {
  const upstream = "upstreams: { u: { endpoints: [127.0.0.1:1] } }";
  const route = (keys: string): string => `routes: [{ upstream: u, ${keys} }]\n${upstream}`;
  const cases: [name: string, config: string, asked: Asked, line: string][] = [
    [
      "a target above the route's limit",
      route("limits: { uri: 10 }"),
      {},
      "limit     the target has 11 bytes, the route takes 10: the answer is 414 (request_line_too_long)",
    ],
    [
      "a request line above the listener's",
      `listeners: { web: { bind: 8080, limits: { request_line: 23 } } }\n${route("allow: 10.0.0.1")}`,
      {},
      "limit     the request line has 24 bytes, listener web takes 23: the answer is 414 (request_line_too_long)",
    ],
    [
      "an address that is not allowed",
      route("allow: 10.0.0.0/8"),
      {},
      "access    127.0.0.1 is denied: the answer is 403 (address_denied)",
    ],
    [
      "two values of the header that a rate limit goes by",
      route("rate_limit: { rate: 5/m, key: header:X-Key }"),
      { header: ["X-Key: a", "x-key: b"] },
      "limit     x-key counts requests, and comes twice: the answer is 400 (bad_header)",
    ],
    [
      "a Forwarded of a trusted proxy that can't be read",
      `trusted_proxies: 127.0.0.1\n${route("")}`,
      { header: ['Forwarded: for="1.2.3.4'] },
      "client    a trusted proxy's Forwarded is malformed: the answer is 400 (bad_header)",
    ],
  ];
  for (const [name, config, asked, line] of cases) {
    test(name, () => {
      const lines = explained(config, "GET http://a/long/?x=yz", asked);
      assert.equal(lines.at(-1), line);
      assert.ok(!lines.some((one) => /^(endpoint|upstream|action)/.test(one)), lines.join("\n"));
    });
  }

  test("nobody below the limits, but a rate limit is told", () => {
    const config = `listeners: { web: { bind: 8080, limits: { request_line: 24 } } }\n`;
    for (const [written, said] of [
      ["{ rate: 5/m, burst: 3 }", "3 at once and 5/m per client"],
      ["{ rate: 100/s, burst: 1, key: route }", "1 at once and 100/s for all"],
      ["{ rate: 90/h, burst: 2, key: header:X-Key }", "2 at once and 1.5/m per x-key"],
    ] as const) {
      const rules = `limits: { uri: 11 }, rate_limit: ${written}`;
      const lines = explained(config + route(rules), "GET http://a/long/?x=yz");
      assert.equal(lines[2], `limit     ${said}: what is more is answered 429 (rate_limited)`);
      assert.equal(lines.at(-1), "endpoint  127.0.0.1:1: the only one that takes requests");
    }
  });
});

describe("the client", () => {
  const config = `trusted_proxies: 10.0.0.0/8
routes:
  - { name: inside, client: 192.0.2.0/24, redirect: { replace_path: /in } }
  - { name: outside, redirect: { replace_path: /out } }
`;
  const cases: [name: string, asked: Asked, client: string, route: string][] = [
    ["by itself", { client: "192.0.2.7" }, "192.0.2.7", "inside"],
    [
      "behind a trusted proxy",
      { client: "10.0.0.1", header: ["X-Forwarded-For: 203.0.113.1, 192.0.2.7"] },
      "192.0.2.7 behind 10.0.0.1",
      "inside",
    ],
    [
      "behind two, in two lines",
      {
        client: "10.0.0.1",
        header: ["X-Forwarded-For: 203.0.113.1", "X-Forwarded-For: 192.0.2.7, 10.0.0.2"],
      },
      "192.0.2.7 behind 10.0.0.1",
      "inside",
    ],
    [
      "by Forwarded",
      { client: "10.0.0.1", header: ['Forwarded: for="192.0.2.7:1234"'] },
      "192.0.2.7 behind 10.0.0.1",
      "inside",
    ],
    [
      "by X-Real-IP",
      { client: "10.0.0.1", header: ["X-Real-IP: 192.0.2.7"] },
      "192.0.2.7 behind 10.0.0.1",
      "inside",
    ],
    ["of whom nothing is told", { client: "10.0.0.1" }, "10.0.0.1", "outside"],
    [
      "that only says so",
      { client: "203.0.113.1", header: ["X-Forwarded-For: 192.0.2.7"] },
      "203.0.113.1; 203.0.113.1 is no trusted proxy: its x-forwarded-for is ignored",
      "outside",
    ],
  ];
  for (const [name, asked, client, route] of cases) {
    test(name, () => {
      const [first, second] = explained(config, "GET http://a/", asked);
      assert.equal(first, `request   GET a / (listener web, client ${client})`);
      assert.ok(second?.startsWith(`route     ${route}:`), second);
    });
  }

  test("its scheme is that of the proxy before it", () => {
    const asked = { client: "10.0.0.1", header: ["X-Forwarded-Proto: https"] };
    const lines = explained(config, "GET http://shop.example:81/a?b=1", asked);
    assert.equal(lines.at(-1), "action    redirects with 302 to https://shop.example:81/out?b=1");
  });
});

test("a redirect tells where to", () => {
  const config =
    "routes: [{ path: /old/, redirect: { status: 301, host: new.example, replace_prefix: /n/ } }]";
  assert.equal(
    explained(config, "GET http://a/old/%7Ex?y=1").at(-1),
    "action    redirects with 301 to http://new.example/n/~x?y=1",
  );
});

/** What a running one says of upstream u. */
function statusOf(panic: boolean, endpoints: readonly Partial<EndpointStatus>[]): StatusDocument {
  const all = endpoints.map((one) => ({
    available: true,
    state: "healthy",
    weight: 1,
    in_flight: 0,
    ...one,
  }));
  return { upstreams: [{ name: "u", panic, endpoints: all }] } as unknown as StatusDocument;
}

describe("a bound client", () => {
  const config = `sticky_secret: hush
routes: [{ upstream: u }]
upstreams: { u: { balance: first, sticky: c, endpoints: [127.0.0.1:1, 127.0.0.1:2] } }
`;
  const { snapshot } = desire(WEB + config);
  const upstream = snapshot.upstreams[0]!;
  const second = upstream.endpoints[1]!;
  const cookieOf = (secret: string): string => {
    const sticky = createSticky(upstream.sticky!, "u", upstream.endpoints, secret);
    return /c=[^;]+/.exec(sticky.setCookieLine(second.slot))![0];
  };
  const cookie = { header: [`Cookie: a=b; ${cookieOf(snapshot.stickySecret)}`] };
  const first = "endpoint  127.0.0.1:1: the first in the configuration that takes requests";
  const bound = "endpoint  127.0.0.1:2: its cookie c binds the client to it";
  const live = (now: Partial<EndpointStatus>): StatusDocument =>
    statusOf(false, [{ name: "127.0.0.1:1" }, { name: "127.0.0.1:2", ...now }]);
  const cases: [name: string, asked: Asked, lines: string[]][] = [
    ["goes where its cookie says", cookie, [bound]],
    ["in more than one line of cookies", { header: ["Cookie: a=b", ...cookie.header] }, [bound]],
    [
      "stays while it drains",
      { ...cookie, status: live({ available: false, state: "draining" }) },
      [bound],
    ],
    ["stays at weight 0", { ...cookie, status: live({ available: false, weight: 0 }) }, [bound]],
    [
      "moves where that one takes nobody",
      { ...cookie, status: live({ available: false, state: "unhealthy" }) },
      [
        "endpoint  127.0.0.1:1: the only one that takes requests",
        "          its cookie c binds it to 127.0.0.1:2, which takes nobody: bound anew",
      ],
    ],
    [
      "with somebody else's cookie is none",
      { header: [`Cookie: ${cookieOf("other")}`] },
      [first, "          its cookie c is not valid, or its endpoint is gone: bound anew"],
    ],
    [
      "without one may have one",
      {},
      [first, "          a client with the cookie c stays where it is bound"],
    ],
    [
      "can't be known without the secret",
      { ...cookie, knowsStickySecret: false },
      [
        first,
        "          its cookie c can't be read here: a running Evenkeel without sticky_secret_file has a secret of its own",
      ],
    ],
  ];
  for (const [name, asked, expected] of cases) {
    test(name, () => {
      const lines = explained(config, "GET http://a/", asked);
      assert.deepEqual(lines.slice(3), expected);
    });
  }
});

test("panic is told, where a running one is asked", () => {
  const config = "routes: [{ upstream: u }]\nupstreams: { u: { endpoints: [127.0.0.1:1] } }";
  const sick = { name: "127.0.0.1:1", state: "unhealthy" } as const;
  assert.deepEqual(
    explained(config, "GET http://a/", { status: statusOf(true, [sick]) }).slice(2),
    [
      "upstream  u: round_robin, in panic: those that were judged bad get traffic, too",
      "endpoint  127.0.0.1:1: the only one that takes requests",
    ],
  );
  const calm = explained(config, "GET http://a/", {
    status: statusOf(false, [{ name: "127.0.0.1:1" }]),
  });
  assert.equal(calm[2], "upstream  u: round_robin");
});
