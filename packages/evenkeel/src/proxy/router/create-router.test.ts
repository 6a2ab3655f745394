import * as fc from "fast-check";
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { RouteMatch, RouteSnapshot, StringMatch } from "../../snapshot/snapshot.ts";
import type { RoutableRequest } from "./contract.ts";
import { buildRouter, createRouter } from "./create-router.ts";

const everything: RouteMatch = {
  listeners: [],
  hosts: [],
  path: undefined,
  methods: [],
  headers: [],
  query: [],
  cookies: [],
  clients: [],
};

function route(name: string, order: number, match: Partial<RouteMatch>): RouteSnapshot {
  return {
    name,
    fingerprint: name,
    slot: order,
    order,
    match: { ...everything, ...match },
    action: { kind: "respond", status: 200, headers: [], body: "" },
    requestHeaders: undefined,
    responseHeaders: undefined,
    timeouts: { totalMs: 0, connectMs: 0, firstByteMs: 0, idleMs: 0, tunnelIdleMs: 0 },
    retry: {
      attempts: 0,
      on: [],
      replayBytes: 0,
      answerBytes: 0,
      nonIdempotent: false,
      attemptMs: 0,
    },
    hedge: undefined,
    limits: { bodyBytes: 0, uriBytes: 0 },
    access: undefined,
    rateLimit: undefined,
  };
}

interface Asked {
  readonly listener?: string;
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly query?: string;
  readonly client?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function request(asked: Asked): RoutableRequest {
  return {
    listener: asked.listener ?? "web",
    method: asked.method ?? "GET",
    host: asked.host ?? "shop.example",
    path: asked.path ?? "/",
    query: asked.query ?? "",
    clientAddress: asked.client ?? "192.0.2.1",
    header: (name) => asked.headers?.[name],
  };
}

const exact = (value: string): StringMatch => ({ kind: "exact", value });
const prefix = (value: string): RouteMatch["path"] => ({ kind: "prefix", value });

describe("the more specific route wins, whichever stands first", () => {
  const cases: readonly {
    readonly what: string;
    readonly winner: Partial<RouteMatch>;
    readonly loser: Partial<RouteMatch>;
    readonly asked: Asked;
  }[] = [
    {
      what: "an exact host over a wildcard with a longer path",
      winner: { hosts: ["shop.example"] },
      loser: { hosts: ["*.example"], path: prefix("/api") },
      asked: { path: "/api" },
    },
    {
      what: "a longer wildcard over a shorter one",
      winner: { hosts: ["*.b.example"] },
      loser: { hosts: ["*.example"] },
      asked: { host: "a.b.example" },
    },
    {
      what: "a wildcard over no host",
      winner: { hosts: ["*.example"] },
      loser: { path: prefix("/api") },
      asked: { path: "/api", host: "x.y.example" },
    },
    {
      what: "an exact path over an expression",
      winner: { path: { kind: "exact", value: "/a" } },
      loser: { path: { kind: "regex", value: "/[a-z]+" } },
      asked: { path: "/a" },
    },
    {
      what: "an expression over a prefix",
      winner: { path: { kind: "regex", value: "/a.*" } },
      loser: { path: prefix("/a/long/path") },
      asked: { path: "/a/long/path/x" },
    },
    {
      what: "a longer expression over a shorter one with more conditions",
      winner: { path: { kind: "regex", value: "/[a-z]+" } },
      loser: { path: { kind: "regex", value: "/.+" }, methods: ["GET"] },
      asked: { path: "/a" },
    },
    {
      what: "a longer prefix over a shorter one with more conditions",
      winner: { path: prefix("/api/v1/") },
      loser: { path: prefix("/api"), methods: ["GET"] },
      asked: { path: "/api/v1/x" },
    },
    {
      what: "a method over headers",
      winner: { methods: ["GET"] },
      loser: { headers: [{ name: "x", match: exact("1") }] },
      asked: { headers: { x: "1" } },
    },
    {
      what: "two headers over one header and a query",
      winner: {
        headers: [
          { name: "x", match: exact("1") },
          { name: "y", match: { kind: "absent", value: "" } },
        ],
      },
      loser: {
        headers: [{ name: "x", match: { kind: "present", value: "" } }],
        query: [{ name: "q", match: exact("1") }],
      },
      asked: { headers: { x: "1" }, query: "q=1" },
    },
    {
      what: "a query over a cookie",
      winner: { query: [{ name: "q", match: exact("1") }] },
      loser: { cookies: [{ name: "c", match: exact("1") }] },
      asked: { headers: { cookie: "c=1" }, query: "q=1" },
    },
    {
      what: "a cookie over a listener",
      winner: { cookies: [{ name: "c", match: { kind: "prefix", value: "be" } }] },
      loser: { listeners: ["web"] },
      asked: { headers: { cookie: "a=1; c=beta" } },
    },
    {
      what: "a listener over a client network",
      winner: { listeners: ["web"] },
      loser: { clients: ["192.0.2.0/24"] },
      asked: {},
    },
    {
      what: "a longer client network over a shorter one",
      winner: { clients: ["10.0.0.0/8", "192.0.2.1"] },
      loser: { clients: ["192.0.2.0/24"] },
      asked: {},
    },
    {
      what: "a client network over none",
      winner: { clients: ["0.0.0.0/0"] },
      loser: {},
      asked: {},
    },
  ];
  for (const { what, winner, loser, asked } of cases) {
    test(what, () => {
      const orders = [
        [route("winner", 0, winner), route("loser", 1, loser)],
        [route("loser", 0, loser), route("winner", 1, winner)],
      ];
      for (const routes of orders) {
        const router = createRouter(routes);
        assert.equal(router.match(request(asked))?.name, "winner");
        assert.deepEqual(
          router.explain(request(asked)).map((one) => [one.route.name, one.matched]),
          [
            ["winner", true],
            ["loser", true],
          ],
        );
      }
    });
  }

  test("equals are decided by their place in the configuration", () => {
    const routes = [route("second", 1, {}), route("first", 0, { path: prefix("/") })];
    assert.equal(createRouter(routes).match(request({}))?.name, "first");
  });
});

describe("a path prefix ends where an element ends", () => {
  for (const written of ["/api", "/api/"]) {
    const router = createRouter([route("api", 0, { path: prefix(written) })]);
    for (const path of ["/api", "/api/", "/api/x"]) {
      test(`${written} holds ${path}`, () => assert.ok(router.match(request({ path }))));
    }
    for (const path of ["/apix", "/ap", "/", "/x/api", "*"]) {
      test(`${written} does not hold ${path}`, () =>
        assert.equal(router.match(request({ path })), undefined));
    }
  }

  test("a route without path holds everything, the asterisk too", () => {
    const router = createRouter([route("any", 0, {})]);
    assert.ok(router.match(request({ path: "*", method: "OPTIONS" })));
  });

  test("configured paths may be spelt in any way", () => {
    const router = createRouter([route("café", 0, { path: prefix("/caf\u00e9/%7ejoe/") })]);
    assert.ok(router.match(request({ path: "/caf%C3%A9/~joe/x" })));
  });
});

describe("conditions", () => {
  const cases: readonly {
    readonly what: string;
    readonly match: Partial<RouteMatch>;
    readonly asked: Asked;
    readonly matched: boolean;
  }[] = [
    {
      what: "a wildcard does not stand for nothing",
      match: { hosts: ["*.example"] },
      asked: { host: "example" },
      matched: false,
    },
    {
      what: "a wildcard stands for several labels",
      match: { hosts: ["*.example"] },
      asked: { host: "a.b.example" },
      matched: true,
    },
    {
      what: "no host is no exact host",
      match: { hosts: ["a.example"] },
      asked: { host: "" },
      matched: false,
    },
    { what: "another listener", match: { listeners: ["admin"] }, asked: {}, matched: false },
    {
      what: "one of several methods",
      match: { methods: ["PUT", "POST"] },
      asked: { method: "POST" },
      matched: true,
    },
    {
      what: "methods are case-sensitive",
      match: { methods: ["GET"] },
      asked: { method: "get" },
      matched: false,
    },
    {
      what: "a header's expression holds for all of it",
      match: { headers: [{ name: "v", match: { kind: "regex", value: "\\d+" } }] },
      asked: { headers: { v: "1a" } },
      matched: false,
    },
    {
      what: "a path expression is found anywhere",
      match: { path: { kind: "regex", value: "\\.php$" } },
      asked: { path: "/blog/x.php" },
      matched: true,
    },
    {
      what: "an anchored path expression holds for all of it",
      match: { path: { kind: "regex", value: "^/v\\d$" } },
      asked: { path: "/v1/x" },
      matched: false,
    },
    {
      what: "a missing header is not empty",
      match: { headers: [{ name: "v", match: exact("") }] },
      asked: {},
      matched: false,
    },
    {
      what: "a query parameter, decoded",
      match: { query: [{ name: "q q", match: exact("a&b c") }] },
      asked: { query: "x=1&q%20q=a%26b+c" },
      matched: true,
    },
    {
      what: "the first of equal query names counts",
      match: { query: [{ name: "q", match: exact("2") }] },
      asked: { query: "q=1&q=2" },
      matched: false,
    },
    {
      what: "a cookie's name is not found inside another",
      match: { cookies: [{ name: "b", match: { kind: "present", value: "" } }] },
      asked: { headers: { cookie: "ab=1; c=b=2" } },
      matched: false,
    },
    {
      what: "an absent cookie",
      match: { cookies: [{ name: "b", match: { kind: "absent", value: "" } }] },
      asked: {},
      matched: true,
    },
    {
      what: "an IPv6 client",
      match: { clients: ["2001:db8::/32"] },
      asked: { client: "2001:db8:1::5" },
      matched: true,
    },
    { what: "a client elsewhere", match: { clients: ["10.0.0.0/8"] }, asked: {}, matched: false },
  ];
  for (const { what, match, asked, matched } of cases) {
    test(what, () => {
      const router = createRouter([route("it", 0, match)]);
      assert.equal(router.match(request(asked)) !== undefined, matched);
      assert.equal(router.explain(request(asked))[0]?.matched, matched);
    });
  }

  test("a route that asks too much gives way to a wildcard host's, then to the rest", () => {
    const router = createRouter([
      route("exact", 0, { hosts: ["a.example"], path: prefix("/x"), methods: ["PUT"] }),
      route("wild", 1, { hosts: ["*.example"], methods: ["POST"] }),
      route("rest", 2, {}),
    ]);
    const names = ["PUT", "POST", "GET"].map(
      (method) => router.match(request({ host: "a.example", path: "/x", method }))?.name,
    );
    assert.deepEqual(names, ["exact", "wild", "rest"]);
  });

  test("simple routes never look at headers", () => {
    const router = createRouter([route("api", 0, { path: prefix("/api"), methods: ["GET"] })]);
    const blind = {
      ...request({ path: "/api" }),
      header: () => assert.fail("headers were read"),
    };
    assert.ok(router.match(blind));
  });

  test("an expression that makes other engines backtrack takes no time", () => {
    const router = createRouter([route("evil", 0, { path: { kind: "regex", value: "(/a+)+b" } })]);
    const started = performance.now();
    assert.equal(router.match(request({ path: `/${"a".repeat(20_000)}` })), undefined);
    assert.ok(performance.now() - started < 1_000);
  });

  test("a malformed expression is refused when the router is built", () => {
    assert.throws(() => createRouter([route("bad", 0, { path: { kind: "regex", value: "(" } })]));
  });
});

test("explains in sentences", () => {
  const router = createRouter([
    route("api", 0, { path: prefix("/api/") }),
    route("shop", 1, { path: prefix("/shop/cart") }),
    route("admin", 2, { path: prefix("/shop"), headers: [{ name: "x-admin", match: exact("1") }] }),
    route("all", 3, {}),
    route("office", 4, { clients: ["10.0.0.0/8"] }),
    route("other", 5, { hosts: ["*.test"] }),
    route("write", 6, { methods: ["PUT"] }),
  ]);
  const verdicts = router
    .explain(request({ path: "/shop/cart/1" }))
    .map(({ route, verdict }) => `${route.name}: ${verdict}`);
  assert.deepEqual(verdicts, [
    "shop: matches, and is the most specific route that does",
    "all: matches, but is less specific than route shop: its path is shorter",
    "api: prefix path /api/ does not match /shop/cart/1",
    "admin: header x-admin is missing",
    "office: client network 10.0.0.0/8 does not hold 192.0.2.1",
    "other: host *.test does not match shop.example",
    "write: method PUT only, not GET",
  ]);
});

/** The precedence once more, as a plain scan that shares no code with the router. */
function referenceMatch(
  routes: readonly RouteSnapshot[],
  asked: RoutableRequest,
): string | undefined {
  const scored = routes
    .map((one) => ({ name: one.name, score: referenceScore(one, asked) }))
    .filter((one) => one.score !== undefined);
  scored.sort((one, other) => {
    for (let at = 0; at < one.score!.length; at++) {
      if (one.score![at] !== other.score![at]) return other.score![at]! - one.score![at]!;
    }
    return 0;
  });
  return scored[0]?.name;
}

function referenceScore(
  { match, order }: RouteSnapshot,
  asked: RoutableRequest,
): number[] | undefined {
  const hosts = match.hosts.map((pattern) => {
    if (pattern === asked.host) return 1_000;
    return pattern.startsWith("*") && asked.host.endsWith(pattern.slice(1)) ? pattern.length : -1;
  });
  const host = match.hosts.length === 0 ? 0 : Math.max(...hosts);
  const path = referencePath(match.path, asked.path);
  const conditions = [
    match.listeners.length === 0 || match.listeners.includes(asked.listener),
    match.methods.length === 0 || match.methods.includes(asked.method),
    match.headers.every(({ name, match }) => referenceValue(match, asked.header(name))),
    match.query.every(({ name, match }) =>
      referenceValue(match, new URLSearchParams(asked.query).get(name) ?? undefined),
    ),
    match.cookies.every(({ name, match }) => {
      const pairs = (asked.header("cookie") ?? "").split("; ").map((pair) => pair.split("="));
      return referenceValue(match, pairs.find((pair) => pair[0] === name)?.[1]);
    }),
  ];
  const lengths = match.clients.map((cidr) => {
    const [network, length] = cidr.split("/");
    const octets = Number(length) / 8;
    const isIn =
      network!.split(".").slice(0, octets).join(".") ===
      asked.clientAddress.split(".").slice(0, octets).join(".");
    return isIn ? Number(length) : -1;
  });
  const client = match.clients.length === 0 ? -0.5 : Math.max(...lengths);
  if (host < 0 || path === undefined || conditions.includes(false) || client === -1)
    return undefined;
  const counts = [
    match.methods.length === 0 ? 0 : 1,
    match.headers.length,
    match.query.length,
    match.cookies.length,
    match.listeners.length === 0 ? 0 : 1,
  ];
  return [host, ...path, ...counts, client, -order];
}

function referencePath(path: RouteMatch["path"], asked: string): number[] | undefined {
  if (path === undefined) return [0, 0];
  if (path.kind === "exact") return path.value === asked ? [2, 0] : undefined;
  if (path.kind === "regex")
    return new RegExp(path.value).test(asked) ? [1, path.value.length] : undefined;
  const elements = path.value.split("/").filter((element) => element !== "");
  const isHeld = elements.every((element, at) => asked.split("/")[at + 1] === element);
  return isHeld ? [0, elements.length] : undefined;
}

function referenceValue(match: StringMatch, value: string | undefined): boolean {
  if (match.kind === "present" || match.kind === "absent")
    return (value !== undefined) === (match.kind === "present");
  if (value === undefined) return false;
  if (match.kind === "regex") return new RegExp(`^(?:${match.value})$`).test(value);
  return match.kind === "exact" ? value === match.value : value.startsWith(match.value);
}

describe("against a plain scan", () => {
  const some = <T>(...values: T[]) => fc.subarray(values, { maxLength: 2 });
  const value: fc.Arbitrary<StringMatch> = fc.constantFrom<StringMatch>(
    { kind: "exact", value: "1" },
    { kind: "prefix", value: "1" },
    { kind: "regex", value: "[12]" },
    { kind: "present", value: "" },
    { kind: "absent", value: "" },
  );
  const named = fc.uniqueArray(fc.record({ name: fc.constantFrom("a", "b"), match: value }), {
    maxLength: 2,
    selector: (one) => one.name,
  });
  const rarely = <T>(arbitrary: fc.Arbitrary<T[]>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary });
  const segments = fc.array(fc.constantFrom("a", "b", "ab", "aa"), { maxLength: 3 });
  const path = fc.oneof(
    fc.constant(undefined),
    segments.map((parts) => ({ kind: "exact" as const, value: `/${parts.join("/")}` })),
    fc.tuple(segments, fc.constantFrom("", "/")).map(([parts, end]) => ({
      kind: "prefix" as const,
      value: `/${parts.join("/")}${end}`.replace("//", "/"),
    })),
    fc
      .constantFrom("^/a.*", "/[ab]+$", "^/a(/b)?$", ".*")
      .map((value) => ({ kind: "regex" as const, value })),
  );
  const match: fc.Arbitrary<RouteMatch> = fc.record({
    listeners: rarely(some("web", "alt")),
    hosts: some("x.a", "y.a", "*.a", "*.x.a", "*.b"),
    path,
    methods: rarely(some("GET", "PUT")),
    headers: rarely(named),
    query: rarely(named),
    cookies: rarely(named),
    clients: rarely(some("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "11.0.0.0/8")),
  });
  const bit = fc.constantFrom(undefined, "1", "2", "12");
  const asked = fc
    .record({
      listener: fc.constantFrom("web", "alt"),
      method: fc.constantFrom("GET", "PUT"),
      host: fc.constantFrom("x.a", "y.a", "z.a", "w.x.a", "q.b", "a", ""),
      path: segments.map((parts) => `/${parts.join("/")}`),
      client: fc.constantFrom("10.1.2.3", "10.1.9.9", "10.9.9.9", "11.0.0.1", "12.0.0.1"),
      values: fc.tuple(bit, bit, bit),
    })
    .map(({ values: [header, query, cookie], ...rest }) =>
      request({
        ...rest,
        query: query === undefined ? "" : `z=0&a=${query}`,
        headers: {
          ...(header === undefined ? {} : { a: header }),
          ...(cookie === undefined ? {} : { cookie: `z=0; b=${cookie}` }),
        },
      }),
    );

  test("the router and its explanation choose the same route", () => {
    fc.assert(
      fc.property(
        fc.array(match, { maxLength: 12 }),
        fc.array(asked, { minLength: 1, maxLength: 6 }),
        (matches, requests) => {
          const routes = matches.map((one, order) => route(`r${order}`, order, one));
          const router = createRouter(routes);
          for (const one of requests) {
            const expected = referenceMatch(routes, one);
            assert.equal(router.match(one)?.name, expected);
            const [best] = router.explain(one);
            assert.equal(best?.matched === true ? best.route.name : undefined, expected);
          }
        },
      ),
      { numRuns: 1_500 },
    );
  });

  /** Routes by slot: what they match, and whether they are there; new content, new fingerprint. */
  const generation = fc.array(fc.tuple(fc.nat(8), match), { maxLength: 10 });
  const listed = (drawn: readonly (readonly [number, RouteMatch])[]): RouteSnapshot[] =>
    [...new Map(drawn)].map(([slot, one], order) => ({
      ...route(`${slot}`, order, one),
      slot,
      fingerprint: JSON.stringify([slot, one]),
    }));

  test("a router made from an earlier one answers as a new one does", () => {
    fc.assert(
      fc.property(
        fc.array(generation, { minLength: 1, maxLength: 3 }),
        generation,
        fc.array(asked, { minLength: 1, maxLength: 6 }),
        fc.nat(10),
        (before, drawn, questions, kept) => {
          let router = createRouter([]);
          // The last generation keeps some of the one before it, in another place.
          const generations = [...before, [...drawn, ...before.at(-1)!.slice(0, kept)]];
          for (const one of generations) {
            const routes = listed(one);
            const build = buildRouter(routes, router);
            let step = build.next();
            while (step.done !== true) step = build.next();
            router = step.value;
            const fresh = createRouter(routes);
            for (const question of questions) {
              const found = router.match(question);
              assert.equal(found?.slot, fresh.match(question)?.slot);
              assert.equal(found?.order, fresh.match(question)?.order);
              assert.deepEqual(router.explain(question), fresh.explain(question));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("ten thousand routes do not make a look-up slower in kind", () => {
  // Steps, not time: every character of the path is looked at once, and few candidates are asked.
  let asked = 0;
  const routes = Array.from({ length: 10_000 }, (_, order) =>
    route(`r${order}`, order, {
      path: prefix(`/service-${order}`),
      headers: [{ name: "h", match: { kind: "present", value: "" } }],
    }),
  );
  const counting = {
    ...request({ path: "/service-7777/x" }),
    header: () => {
      asked++;
      return "";
    },
  };
  assert.equal(createRouter(routes).match(counting)?.name, "r7777");
  assert.equal(asked, 1);
});
