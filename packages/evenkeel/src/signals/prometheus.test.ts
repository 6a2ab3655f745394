import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createFakeClock } from "../health/testing/fake-clock.ts";
import type { Fetched, FetchOrder } from "./fetch-text.ts";
import { createPrometheus, toResult } from "./prometheus.ts";

const answered = (body: unknown, status = 200): Fetched => ({
  ok: true,
  status,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const vector = (...result: unknown[]): Fetched =>
  answered({ status: "success", data: { resultType: "vector", result } });

describe("answers", () => {
  const cases: [name: string, fetched: Fetched, samples: unknown][] = [
    [
      "a vector",
      vector({ metric: { __name__: "up", job: "api" }, value: [1700000000.5, "1"] }),
      [{ labels: { __name__: "up", job: "api" }, value: 1, atMs: 1700000000500 }],
    ],
    [
      "a number",
      answered({ status: "success", data: { resultType: "scalar", result: [1, "2.5"] } }),
      [{ labels: {}, value: 2.5, atMs: 1000 }],
    ],
    [
      "Inf",
      vector({ metric: {}, value: [1, "+Inf"] }),
      [{ labels: {}, value: Infinity, atMs: 1000 }],
    ],
    ["NaN", vector({ metric: {}, value: [1, "NaN"] }), [{ labels: {}, value: NaN, atMs: 1000 }]],
  ];
  for (const [name, fetched, samples] of cases) {
    test(name, () => assert.deepEqual(toResult(fetched), { ok: true, samples }));
  }
});

describe("what is no answer", () => {
  const cases: [name: string, fetched: Fetched, problem: string | RegExp][] = [
    ["an empty vector", vector(), "no series"],
    [
      "nobody there",
      { ok: false, problem: "connection refused" },
      "Prometheus: connection refused",
    ],
    [
      "an error",
      answered({ status: "error", errorType: "bad_data", error: "parse error at char 3" }, 400),
      "Prometheus: parse error at char 3",
    ],
    ["a page of somebody else", answered("<html>", 502), "Prometheus answered 502"],
    ["no JSON", answered("ok"), "Prometheus gave no sound answer"],
    ["another JSON", answered({ status: "success" }), "Prometheus gave no sound answer"],
    [
      "a matrix",
      answered({ status: "success", data: { resultType: "matrix", result: [] } }),
      "a query must give a vector or a number, not a matrix",
    ],
    [
      "too many series",
      vector(...Array.from({ length: 1001 }, () => ({ metric: {}, value: [1, "1"] }))),
      "more than 1000 series",
    ],
  ];
  for (const [name, fetched, problem] of cases) {
    test(name, () => assert.deepEqual(toResult(fetched), { ok: false, problem }));
  }
});

test("asks in the background; what is old counts for three intervals", async () => {
  const clock = createFakeClock();
  const orders: FetchOrder[] = [];
  let answer = vector({ metric: {}, value: [1, "7"] });
  const prometheus = createPrometheus({
    settings: {
      url: "http://prometheus:9090/base",
      timeoutMs: 2000,
      intervalMs: 15_000,
      headers: { authorization: "Bearer x" },
    },
    timers: clock,
    nowMs: () => clock.nowMs(),
    fetchText: (order) => {
      orders.push(order);
      return Promise.resolve(answer);
    },
  });
  const told = (): unknown => {
    const result = prometheus.query("up == 1");
    return result.ok ? result.samples[0]?.value : result.problem;
  };
  assert.equal(told(), "Prometheus is being asked");
  await clock.advance(0);
  assert.equal(told(), 7);
  assert.deepEqual(orders, [
    {
      url: "http://prometheus:9090/base/api/v1/query",
      method: "POST",
      headers: {
        authorization: "Bearer x",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "query=up+%3D%3D+1&timeout=2000ms",
      timeoutMs: 2000,
      mostBytes: 1024 * 1024,
    },
  ]);
  answer = { ok: false, problem: "connection refused" };
  await clock.advance(45_000);
  assert.equal(told(), 7);
  await clock.advance(15_000);
  assert.equal(told(), "Prometheus: connection refused");
  answer = vector({ metric: {}, value: [1, "8"] });
  await clock.advance(15_000);
  assert.equal(told(), 8);
  await prometheus.close();
  assert.equal(clock.pending(), 0);
});
