import { test } from "node:test";
import assert from "node:assert/strict";
import type { EndpointStatus, StatusDocument } from "../admin/status.ts";
import { duration, renderStatus } from "./status-view.ts";
import { createPaint, type Paint } from "./style.ts";
import { formatTable } from "./table.ts";

const plain: Paint = (_color, text) => text;
const now = Date.parse("2026-01-01T00:10:00Z");

const endpoint = (change: Partial<EndpointStatus>): EndpointStatus => ({
  name: "10.0.0.1:80",
  state: "healthy",
  reason: "its first check passed",
  since: "2026-01-01T00:00:00Z",
  until: null,
  available: true,
  backup: false,
  weight: 1,
  configured_weight: 1,
  operator_weight: null,
  in_flight: 0,
  times_ejected: 0,
  rate: 0,
  error_ratio: 0,
  p50_ms: null,
  p99_ms: null,
  last_check: null,
  ...change,
});

const document = (endpoints: EndpointStatus[]): StatusDocument => ({
  version: "0.1.0",
  started_at: "2026-01-01T00:00:00Z",
  uptime_s: 600,
  ready: true,
  ready_reason: "ready",
  config: {
    file: "x.yaml",
    version: 3,
    reloads_accepted: 2,
    reloads_refused: 0,
    last_reload_at: "2026-01-01T00:00:00Z",
    last_reload_ok: true,
    problems: [],
  },
  control_restarts: 0,
  window_s: 10,
  proxies: [
    {
      proxy: 0,
      state: "running",
      started_at: "2026-01-01T00:00:00Z",
      restarts: 0,
      snapshot_version: 3,
      client_connections: 7,
      requests_in_flight: 0,
      loop_lag_p99_ms: 0,
      loop_utilization: 0,
      listening: [],
      failed: [],
    },
  ],
  upstreams: [
    {
      name: "api",
      policy: "round_robin",
      panic: false,
      breaker: "closed",
      in_flight: 0,
      queued: 0,
      retries_total: 0,
      rate: 0,
      error_ratio: 0,
      p50_ms: null,
      p99_ms: null,
      endpoints,
    },
  ],
  healing: {
    instances: 0,
    instances_down: 0,
    incidents_open: 0,
    alerts: {},
    frozen: null,
    unproven_plans: [],
    drill: null,
    history_problem: null,
  },
});

test("a page of status, aligned", () => {
  const busy = endpoint({
    rate: 1234.5,
    error_ratio: 0.004,
    p50_ms: 0.25,
    p99_ms: 1250,
    weight: 7,
    operator_weight: 7,
  });
  const out = endpoint({
    name: "10.0.0.22:8080",
    state: "ejected",
    reason: "5 failures in a row",
    available: false,
    until: "2026-01-01T00:10:30Z",
    since: "2026-01-01T00:09:55Z",
    backup: true,
    weight: 0.6,
    configured_weight: 3,
  });
  assert.deepEqual(renderStatus(document([busy, out]), now, plain).split("\n"), [
    "evenkeel 0.1.0  ready  up 10m  1 of 1 proxies  7 connections  configuration 3  (last 10 s)",
    "",
    "UPSTREAM  ENDPOINT                 STATE    SINCE    WEIGHT  IN FLIGHT    RATE  ERRORS    P50   P99  REASON",
    "api       10.0.0.1:80              healthy    10m   7 (set)          0  1235/s     <1%  250us  1.3s  its first check passed",
    "          10.0.0.22:8080 (backup)  ejected     5s  0.6 of 3          0       -       -      -     -  5 failures in a row (back in 30s)",
  ]);
});

test("a narrow terminal goes without the columns it can spare", () => {
  const out = endpoint({ state: "ejected", reason: "5 failures in a row", rate: 3, p99_ms: 7 });
  assert.deepEqual(renderStatus(document([endpoint({}), out]), now, plain, 67).split("\n"), [
    "evenkeel 0.1.0  ready  up 10m  1 of 1 proxies  7 connections",
    "configuration 3  (last 10 s)",
    "",
    "UPSTREAM  ENDPOINT     STATE    SINCE  WEIGHT   RATE  ERRORS    P99",
    "api       10.0.0.1:80  healthy    10m       1      -       -      -",
    "          10.0.0.1:80  ejected    10m       1  3.0/s      0%  7.0ms",
    "",
    "api: 10.0.0.1:80: 5 failures in a row",
  ]);
});

test("a low terminal shows those in trouble and counts the others", () => {
  const many = Array.from({ length: 40 }, (_, at) =>
    endpoint({
      name: `10.0.0.${at}:80`,
      ...(at === 30 ? { state: "ejected", reason: "why" } : {}),
    }),
  );
  const shown = renderStatus(document(many), now, plain, 200, 10).split("\n");
  assert.equal(shown.length, 10);
  assert.match(shown[3]!, /^api +10\.0\.0\.30:80 +ejected/);
  assert.match(shown[4]!, /^ +10\.0\.0\.0:80 +healthy/);
  assert.equal(shown[9], "… and 34 more healthy");
  assert.equal(renderStatus(document(many), now, plain, 200, 43).split("\n").length, 43);
  const troubled = many.map((one) => ({ ...one, state: "ejected" as const }));
  const narrow = renderStatus(document(troubled), now, plain, 60, 12).split("\n");
  assert.equal(narrow.length, 12);
  assert.match(narrow.join("\n"), /… and \d+ more, \d+ of them not healthy/);
  assert.match(narrow.at(-1)!, /^… and \d+ more lines$/);
});

test("an upstream without endpoints is not left out", () => {
  assert.match(renderStatus(document([]), now, plain), /\n\napi: has no endpoints$/);
});

test("what is out of order is said below the table", () => {
  const status = document([endpoint({})]);
  const upstream = { ...status.upstreams[0]!, panic: true, breaker: "open" as const, queued: 3 };
  const text = renderStatus(
    {
      ...status,
      upstreams: [upstream],
      proxies: [{ ...status.proxies[0]!, state: "dead", failed: ["0.0.0.0:80 EACCES"] }],
      config: { ...status.config, last_reload_ok: false, problems: ["x.yaml:1:1 wrong"] },
    },
    now,
    plain,
  );
  for (const wanted of [
    "api: panic, endpoints that were judged bad get traffic, too",
    "api: the circuit breaker is open",
    "api: 3 requests wait",
    "proxy 0 is dead",
    "proxy 0 can't have 0.0.0.0:80 EACCES",
    "the last reload was refused:\nx.yaml:1:1 wrong",
  ]) {
    assert.ok(text.includes(wanted), wanted);
  }
});

test("colours only on a terminal, and not where NO_COLOR is set", () => {
  assert.equal(createPaint({}, {})("red", "x"), "x");
  assert.equal(createPaint({ isTTY: true }, { NO_COLOR: "1" })("red", "x"), "x");
  assert.notEqual(createPaint({ isTTY: true }, {})("red", "x"), "x");
  assert.notEqual(createPaint({ isTTY: true }, { NO_COLOR: "" })("red", "x"), "x");
});

test("colours do not count as width", () => {
  const columns = [
    { title: "A", align: "left" },
    { title: "B", align: "right" },
  ] as const;
  const rows = [
    ["xx", "1"],
    ["x", "22"],
  ];
  const painted = formatTable(columns, rows, (text, _row, column) =>
    column === 0 ? `<${text}>` : text,
  );
  assert.deepEqual(painted, ["A    B", "<xx>   1", "<x >  22"]);
});

for (const [seconds, text] of [
  [0, "0s"],
  [59, "59s"],
  [60, "1m"],
  [125, "2m 5s"],
  [3600, "1h"],
  [90_061, "1d 1h"],
] as const) {
  test(`${seconds} seconds are ${text}`, () => assert.equal(duration(seconds), text));
}

test("what acts by itself is told where it needs somebody, and only there", () => {
  const calm = document([endpoint({})]);
  assert.doesNotMatch(renderStatus(calm, 0, plain), /incidents|alerts|frozen|drill/);
  const healing = {
    instances: 3,
    instances_down: 1,
    incidents_open: 2,
    alerts: { P0: 1, P1: 0 },
    frozen: "by ann: moving house",
    unproven_plans: ["restart-api"],
    drill: "kill-one",
    history_problem: "history.db can't be written: the disk is full",
  };
  const text = renderStatus({ ...calm, healing }, 0, plain);
  assert.match(text, /1 of 3 instances are down/);
  assert.match(text, /incidents open: 2/);
  assert.match(text, /alerts firing: 1 P0:/);
  assert.match(text, /recovery is frozen by ann: moving house/);
  assert.match(text, /drill kill-one is under way/);
  assert.match(text, /no drill proved these plans lately: restart-api/);
  assert.match(text, /the disk is full/);
});
