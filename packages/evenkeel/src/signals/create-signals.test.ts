import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Board,
  createBoard,
  endpointCounter,
  endpointRow,
  latencyRow,
  routeCounter,
  routeRow,
  upstreamCounter,
  upstreamRow,
} from "../board/board.ts";
import { bucketOf } from "../board/histogram.ts";
import { desire } from "../config/testing/configure.ts";
import { parseCondition } from "../expression/parse.ts";
import type { EndpointHealth } from "../health/contract.ts";
import { createFakeClock } from "../health/testing/fake-clock.ts";
import type { SignalInstance } from "./catalog.ts";
import type { Reading } from "./contract.ts";
import { createSignals } from "./create-signals.ts";
import type { Fetched } from "./fetch-text.ts";

const { snapshot } = desire(`
listeners: { web: 80 }
upstreams:
  api: { endpoints: ["10.0.0.1:80", "10.0.0.2:80"] }
  web: { endpoints: ["10.0.0.1:80"] }
routes:
  - { name: one, path: /1, upstream: api }
  - { name: two, path: /2, upstream: api }
  - { name: rest, upstream: web }
`);
const [api, web] = snapshot.upstreams;
const [a1, a2] = api!.endpoints;

const health = (available: readonly boolean[], ejections = 0): EndpointHealth[] =>
  api!.endpoints.map((endpoint, at) => ({
    upstream: "api",
    endpoint: endpoint.name,
    slot: endpoint.slot,
    state: "healthy",
    reason: "",
    sinceMs: 0,
    untilMs: undefined,
    available: available[at] ?? false,
    weight: 1,
    configuredWeight: 1,
    operatorWeight: undefined,
    signal: undefined,
    lastCheck: undefined,
    timesEjected: 0,
    ejections,
  }));

const instance = (index: number, changes: Partial<SignalInstance> = {}): SignalInstance => ({
  name: `pay.${index}`,
  process: "pay",
  state: "READY",
  startedAtMs: 999_999_940_000,
  address: { host: "10.0.0.1", port: 80 },
  upstream: "api",
  restarts: 0,
  cpu: 0.5,
  memoryBytes: 1024,
  ...changes,
});

function scene() {
  const clock = createFakeClock();
  const board = createBoard(2);
  const world = {
    health: health([true, true]),
    instances: [] as SignalInstance[],
    pages: new Map<string, Fetched>(),
    asked: [] as string[],
  };
  const signals = createSignals({
    board,
    timers: clock,
    clock,
    snapshot: () => snapshot,
    health: () => world.health,
    instances: () => world.instances,
    fetchText: ({ url }) => {
      world.asked.push(url);
      return Promise.resolve(world.pages.get(url) ?? { ok: false, problem: "connection refused" });
    },
  });
  const read = (text: string): readonly Reading[] => {
    const parsed = parseCondition(`${text} != 0`);
    assert.ok(parsed.ok && parsed.condition.expression.kind === "comparison", text);
    return signals.read(parsed.condition.expression.signal);
  };
  return {
    board,
    clock,
    world,
    signals,
    read,
    /** Subject in short, and the value. */
    values: (text: string): Record<string, number | undefined> =>
      Object.fromEntries(
        read(text).map(({ subject, value }) => [Object.values(subject).join(" "), value]),
      ),
    notes: (text: string): (string | undefined)[] => read(text).map(({ note }) => note),
    pass: async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1000);
        signals.sample();
      }
    },
  };
}

type Slots = { upstream?: number; endpoint?: number; route?: number };

/** The times of requests that were counted when they began. */
function ended(board: Board, { upstream, endpoint, route }: Slots, count: number, us: number) {
  const own = board.counters[1]!;
  if (upstream !== undefined) {
    own.upstream[upstreamRow(upstream) + upstreamCounter.latencySumUs]! += count * us;
    own.upstreamLatency[latencyRow(upstream) + bucketOf(us)]! += count;
  }
  if (endpoint !== undefined) {
    own.endpoint[endpointRow(endpoint) + endpointCounter.latencySumUs]! += count * us;
    own.endpointLatency[latencyRow(endpoint) + bucketOf(us)]! += count;
  }
  if (route !== undefined) {
    own.route[routeRow(route) + routeCounter.latencySumUs]! += count * us;
    own.routeLatency[latencyRow(route) + bucketOf(us)]! += count;
  }
}

/** As proxies count them: requests that took `us`, and how they ended. */
function requests(
  board: Board,
  slots: Slots,
  {
    count,
    us = 1000,
    failed = 0,
    with5xx = 0,
  }: { count: number; us?: number; failed?: number; with5xx?: number },
): void {
  const own = board.counters[1]!;
  const { upstream, endpoint, route } = slots;
  ended(board, slots, count, us);
  if (upstream !== undefined) {
    own.upstream[upstreamRow(upstream) + upstreamCounter.requests]! += count;
    own.upstream[upstreamRow(upstream) + upstreamCounter.failedRequests]! += failed;
  }
  if (endpoint !== undefined) {
    own.endpoint[endpointRow(endpoint) + endpointCounter.requests]! += count;
    own.endpoint[endpointRow(endpoint) + endpointCounter.failures]! += failed;
    own.endpoint[endpointRow(endpoint) + endpointCounter.status5xx]! += with5xx;
  }
  if (route !== undefined) {
    own.route[routeRow(route) + routeCounter.requests]! += count;
    own.route[routeRow(route) + routeCounter.status5xx]! += with5xx;
  }
}

describe("traffic", () => {
  test("is measured from the first question on", async () => {
    const { read, pass, board, signals } = scene();
    requests(board, { upstream: api!.slot }, { count: 1000, us: 9_000_000 });
    assert.equal(read("p99(api)")[0]?.note, "measured from now on");
    await pass(1);
    assert.equal(read("p99(api)")[0]?.note, "measured from now on");
    await pass(1);
    assert.equal(read("p99(api)")[0]?.note, "no requests");
    requests(board, { upstream: api!.slot }, { count: 100, us: 800_000 });
    await pass(1);
    const [reading] = read("p99(api)");
    assert.ok(Math.abs(reading!.value! - 0.8) < 0.1, `${reading!.value}`);
    assert.deepEqual([reading!.samples, reading!.subject], [100, { upstream: "api" }]);
    await signals.close();
  });

  test("rates and ratios of upstreams, endpoints and routes", async () => {
    const { values, pass, board, signals } = scene();
    const ask = (): Record<string, number | undefined>[] =>
      [
        "request_rate(api)",
        "error_ratio",
        "error_ratio(upstream=api, endpoint=*)",
        "5xx_ratio(api)",
        "5xx_ratio(endpoint='10.0.0.2:80')",
        "5xx_ratio(route=two)",
        "error_ratio(route=*)",
      ].map(values);
    ask();
    await pass(1);
    const routes = snapshot.routes.map(({ slot }) => slot);
    requests(board, { upstream: api!.slot, endpoint: a1!.slot }, { count: 60, failed: 6 });
    requests(board, { upstream: api!.slot, endpoint: a2!.slot }, { count: 40, with5xx: 10 });
    requests(board, { route: routes[0]! }, { count: 50 });
    requests(board, { route: routes[1]! }, { count: 50, with5xx: 10 });
    await pass(4);
    assert.deepEqual(ask(), [
      { api: 25 },
      { api: 0.06, web: undefined },
      { "api 10.0.0.1:80": 0.1, "api 10.0.0.2:80": 0 },
      // What clients got at all routes that lead there.
      { api: 0.1 },
      { "api 10.0.0.2:80": 0.25 },
      { two: 0.2 },
      { one: 0, two: 0.2, rest: undefined },
    ]);
    await signals.close();
  });

  test("no requests are a rate of zero, and a ratio of nothing", async () => {
    const { values, pass, signals } = scene();
    values("request_rate(api)");
    await pass(2);
    assert.deepEqual(values("request_rate(api)"), { api: 0 });
    assert.deepEqual(values("error_ratio(api)"), { api: undefined });
    await signals.close();
  });

  test("slow requests are judged when they end, however long ago they began", async () => {
    const { read, pass, board, signals } = scene();
    const p99 = (): unknown[] =>
      ["p99(api)", "p99(upstream=api, endpoint='10.0.0.1:80')"].map((text) => {
        const { value, samples, note } = read(text)[0]!;
        return note ?? [Math.round(value ?? 0), samples];
      });
    p99();
    await pass(1);
    const own = board.counters[1]!;
    own.upstream[upstreamRow(api!.slot) + upstreamCounter.requests]! += 2;
    own.endpoint[endpointRow(a1!.slot) + endpointCounter.requests]! += 2;
    await pass(1);
    assert.deepEqual(p99(), ["no request has ended", "no request has ended"]);
    await pass(28);
    assert.deepEqual(p99(), ["no requests", "no requests"]);
    ended(board, { upstream: api!.slot, endpoint: a1!.slot }, 1, 30_000_000);
    own.upstream[upstreamRow(api!.slot) + upstreamCounter.failedRequests]! += 1;
    await pass(1);
    for (const [seconds, samples] of p99() as [number, number][]) {
      assert.ok(seconds > 26 && seconds < 34 && samples === 1, `${seconds} s of ${samples}`);
    }
    assert.equal(read("error_ratio(api)")[0]?.value, 1);
    await signals.close();
  });

  test("looks back as far as is asked for", async () => {
    const { read, pass, board, signals } = scene();
    const samples = (): (number | undefined)[] =>
      ["p50(api)", "p50(api, window=5s)", "p50(api, window=1m)"].map(
        (text) => read(text)[0]?.samples,
      );
    samples();
    await pass(1);
    requests(board, { upstream: api!.slot }, { count: 7 });
    await pass(8);
    assert.deepEqual(samples(), [7, 0, 7]);
    await pass(30);
    assert.deepEqual(samples(), [0, 0, 7]);
    await signals.close();
  });

  for (const [what, leapMs] of [
    ["back", -3_600_000],
    ["forward", 3_600_000],
  ] as const) {
    // A window that was cut by the wall clock was blind for as long as the clock was set back.
    test(`goes on being measured while the wall clock is set ${what}`, async () => {
      const { read, pass, board, clock } = scene();
      read("p99(api)");
      await pass(2);
      requests(board, { upstream: api!.slot }, { count: 100 });
      await pass(1);
      clock.setWall(clock.nowMs() + leapMs);
      requests(board, { upstream: api!.slot }, { count: 50 });
      await pass(1);
      assert.equal(read("p99(api)")[0]?.samples, 150);
      await pass(15);
      assert.equal(read("p99(api)")[0]?.note, "no requests");
    });
  }

  test("what nobody asks for any more is not counted, and does not come back as a burst", async () => {
    const { read, pass, board, signals } = scene();
    read("p50(api)");
    await pass(125);
    requests(board, { upstream: api!.slot }, { count: 1000 });
    read("p50(api)");
    await pass(3);
    assert.deepEqual([read("p50(api)")[0]?.samples, read("p50(api)")[0]?.note], [0, "no requests"]);
    await signals.close();
  });

  test("there is nobody of that name", async () => {
    const { read, signals } = scene();
    for (const text of ["p99(zebra)", "p99(upstream=web, endpoint='10.0.0.2:80')", "up(pay)"]) {
      assert.deepEqual(read(text), [], text);
    }
    await signals.close();
  });
});

describe("endpoints now", () => {
  test("in flight, available, ejections", async () => {
    const { values, pass, board, world, signals } = scene();
    board.inFlight[a1!.slot] = 3;
    board.upstreamInFlight[api!.slot] = 5;
    world.health = health([true, false], 4);
    await pass(1);
    world.health = health([true, false], 5);
    await pass(1);
    assert.deepEqual(values("in_flight(endpoint=*)"), {
      "api 10.0.0.1:80": 3,
      "api 10.0.0.2:80": 0,
      "web 10.0.0.1:80": 0,
    });
    assert.deepEqual(values("in_flight(api)"), { api: 5 });
    assert.deepEqual(values("available"), { api: 1, web: 0 });
    assert.deepEqual(values("available_ratio"), { api: 0.5, web: undefined });
    assert.deepEqual(values("available(upstream=api, endpoint=*)"), {
      "api 10.0.0.1:80": 1,
      "api 10.0.0.2:80": 0,
    });
    assert.deepEqual(values("ejections(api)"), { api: 2 });
    world.health = health([true, true], 5).map((row) => ({ ...row, state: "unhealthy" }));
    await pass(1);
    assert.deepEqual(values("available(api)"), { api: 0 }, "traffic in panic is no merit");
    assert.deepEqual(values("available_ratio(api)"), { api: 0 });
    await pass(300);
    assert.deepEqual(values("ejections(api)"), { api: 0 });
    assert.deepEqual(values("ejections(api, window=1h)"), { api: 2 });
    await signals.close();
  });
});

describe("instances", () => {
  test("what the supervisor knows", async () => {
    const { values, pass, world, signals } = scene();
    world.instances = [
      instance(1),
      instance(2, { state: "BACKOFF", startedAtMs: undefined, cpu: undefined, address: undefined }),
    ];
    await pass(1);
    world.instances = [instance(1, { restarts: 2 }), world.instances[1]!];
    await pass(1);
    const one = "api 10.0.0.1:80 pay pay.1";
    const two = "api pay pay.2";
    assert.deepEqual(values("cpu_usage"), { [one]: 0.5, [two]: undefined });
    assert.deepEqual(values("cpu_usage(pay.1)"), { [one]: 0.5 });
    assert.deepEqual(values("memory(process=pay)"), { [one]: 1024, [two]: undefined });
    assert.deepEqual(values("up"), { [one]: 1, [two]: 0 });
    assert.deepEqual(values("ready(upstream=api)"), { [one]: 1, [two]: 0 });
    assert.deepEqual(values("uptime"), { [one]: 62, [two]: undefined });
    assert.deepEqual(values("restarts"), { [one]: 2, [two]: 0 });
    assert.deepEqual(values("heap_used(pay.1)"), { [one]: undefined });
    await signals.close();
  });

  test("an endpoint is known by its instance, too", async () => {
    const { read, world, signals } = scene();
    world.instances = [instance(1)];
    const ref = { name: "p99", selector: { process: "pay" }, query: undefined };
    assert.deepEqual(
      signals.read(ref).map(({ subject }) => subject),
      [{ upstream: "api", endpoint: "10.0.0.1:80", process: "pay", instance: "pay.1" }],
    );
    assert.equal(read("available_ratio").length, 2);
    await signals.close();
  });
});

describe("their metrics pages", () => {
  const url = "http://10.0.0.1:80/metrics";
  const processes = [{ name: "pay", metricsPath: "/metrics" }];
  const page = (body: string): Fetched => ({ ok: true, status: 200, body });

  test("are read while somebody asks, every five seconds", async () => {
    const { values, notes, pass, world, signals, clock } = scene();
    world.instances = [instance(1)];
    signals.apply({ prometheus: undefined }, processes);
    world.pages.set(
      url,
      page('nodejs_heap_size_used_bytes 5e6\nqueue{kind="mail"} 3\nqueue{kind="sms"} 4\n'),
    );
    await pass(1);
    assert.deepEqual(world.asked, []);
    assert.deepEqual(notes("heap_used"), ["its metrics page is being read"]);
    notes("metric(queue)");
    await clock.advance(0);
    assert.deepEqual(Object.values(values("heap_used")), [5_000_000]);
    assert.deepEqual(Object.values(values("metric(queue)")), [7]);
    assert.deepEqual(Object.values(values("metric(queue, kind=sms)")), [4]);
    assert.deepEqual(notes("metric(queue, kind=fax)"), ["it has no such queue"]);
    assert.deepEqual(notes("event_loop_lag"), ["its metrics page does not have it"]);
    await pass(14);
    assert.deepEqual(world.asked, [url, url, url]);
    await signals.close();
  });

  test("a page that fails is out of date after three times", async () => {
    const { values, notes, pass, world, signals, clock } = scene();
    world.instances = [instance(1)];
    signals.apply({ prometheus: undefined }, processes);
    world.pages.set(url, page("nodejs_heap_size_used_bytes 5e6\n"));
    values("heap_used");
    await clock.advance(0);
    world.pages.set(url, { ok: true, status: 500, body: "" });
    await pass(15);
    assert.deepEqual(Object.values(values("heap_used")), [5_000_000]);
    await pass(1);
    assert.deepEqual(notes("heap_used"), ["its metrics page: it answered 500"]);
    await signals.close();
  });

  test("a new process on the same port is somebody else", async () => {
    const { values, notes, world, signals, clock } = scene();
    world.instances = [instance(1)];
    signals.apply({ prometheus: undefined }, processes);
    world.pages.set(url, page("nodejs_heap_size_used_bytes 5e6\n"));
    values("heap_used");
    await clock.advance(0);
    assert.deepEqual(Object.values(values("heap_used")), [5_000_000]);
    world.instances = [instance(1, { startedAtMs: 1 })];
    signals.sample();
    assert.deepEqual(notes("heap_used"), ["its metrics page is being read"]);
    await signals.close();
  });

  test("the longest pause is remembered for a minute", async () => {
    const { values, pass, world, signals, clock } = scene();
    world.instances = [instance(1)];
    signals.apply({ prometheus: undefined }, processes);
    const pauses = (long: number): Fetched =>
      page(
        ["0.01", "2", "+Inf"]
          .map(
            (le) => `nodejs_gc_duration_seconds_bucket{le="${le}"} ${le === "0.01" ? 5 : 5 + long}`,
          )
          .join("\n"),
      );
    world.pages.set(url, pauses(0));
    values("gc_pause");
    await clock.advance(0);
    world.pages.set(url, pauses(1));
    await pass(5);
    assert.deepEqual(Object.values(values("gc_pause")), [2]);
    await pass(55);
    assert.deepEqual(Object.values(values("gc_pause")), [2]);
    await pass(10);
    assert.deepEqual(Object.values(values("gc_pause")), [0]);
    await signals.close();
  });
});

describe("Prometheus", () => {
  const settings = { url: "http://p", timeoutMs: 1000, intervalMs: 15_000, headers: {} };
  const answer = (...series: [labels: Record<string, string>, value: string][]): Fetched => ({
    ok: true,
    status: 200,
    body: JSON.stringify({
      status: "success",
      data: {
        resultType: "vector",
        result: series.map(([metric, value]) => ({ metric, value: [1_000_000_000, value] })),
      },
    }),
  });

  async function asking(...series: [labels: Record<string, string>, value: string][]) {
    const all = scene();
    all.world.instances = [instance(1)];
    all.world.pages.set("http://p/api/v1/query", answer(...series));
    all.signals.apply({ prometheus: settings }, []);
    const query = 'prometheus("x")';
    all.read(query);
    await all.clock.advance(0);
    const readings = all.read(query);
    await all.signals.close();
    return readings.map(({ subject, value, note }) => [subject, value ?? note]);
  }
  const p1 = { upstream: "api", endpoint: "10.0.0.1:80", process: "pay", instance: "pay.1" };

  const cases: [name: string, labels: Record<string, string>, subject: unknown][] = [
    ["no label of ours is nobody in particular", { job: "x" }, {}],
    ["an upstream", { upstream: "api" }, { upstream: "api" }],
    ["an instance of ours", { instance: "pay.1", process: "other" }, p1],
    ["an address with its upstream", { instance: "10.0.0.1:80", upstream: "api" }, p1],
    [
      "an address that is one endpoint",
      { instance: "10.0.0.2:80" },
      { upstream: "api", endpoint: "10.0.0.2:80" },
    ],
    ["an address that is several", { instance: "10.0.0.1:80" }, {}],
    [
      "an endpoint with its upstream",
      { upstream: "web", endpoint: "10.0.0.1:80" },
      { upstream: "web", endpoint: "10.0.0.1:80" },
    ],
    ["somebody else's address", { instance: "10.9.9.9:1" }, {}],
    ["a route", { route: "one" }, { route: "one" }],
  ];
  for (const [name, labels, subject] of cases) {
    test(name, async () => assert.deepEqual(await asking([labels, "5"]), [[subject, 5]]));
  }

  test("NaN and several series of one thing are unknown", async () => {
    assert.deepEqual(await asking([{ upstream: "api" }, "NaN"]), [
      [{ upstream: "api" }, "not a number"],
    ]);
    assert.deepEqual(await asking([{ a: "1" }, "1"], [{ a: "2" }, "2"]), [
      [{}, "several series mean the same: aggregate them in the query"],
    ]);
    assert.deepEqual(await asking(), [[{}, "no series"]]);
  });

  test("none is configured, or no more", async () => {
    const { notes, signals } = scene();
    assert.deepEqual(notes('prometheus("x")'), ["no Prometheus is configured"]);
    signals.apply({ prometheus: settings }, []);
    assert.deepEqual(notes('prometheus("x")'), ["Prometheus is being asked"]);
    signals.apply({ prometheus: undefined }, []);
    assert.deepEqual(notes('prometheus("x")'), ["no Prometheus is configured"]);
    await signals.close();
  });
});

test("web has a slot of its own", () => assert.notEqual(web!.slot, api!.slot));
