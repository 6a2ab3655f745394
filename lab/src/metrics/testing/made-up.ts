/**
 * Results made up for tests.
 */
import type { Product } from "../../products/product.ts";
import type { Cell } from "../../run/cell.ts";
import type { Scenario } from "../../scenarios/scenario.ts";
import type { Results } from "../verdicts.ts";

/** The numbers that matter in a comparison. */
export interface Numbers {
  readonly failed?: number;
  readonly wrong?: number;
  readonly broken?: number;
  readonly p99?: number;
  readonly p999?: number;
  readonly worst?: number;
  /** The client's own lateness at its p99. */
  readonly late?: number;
}

/** A run with these numbers; what is not given is excellent. */
export function cell(scenario: string, product: string, numbers: Numbers = {}): Cell {
  const { failed = 0, wrong = 0, broken = 0, p99 = 5, p999 = 9, worst = 20, late = 1 } = numbers;
  return {
    scenario,
    product,
    date: "2026-01-01T00:00:00.000Z",
    version: "1",
    ratePerSecond: 500,
    seconds: 14,
    summary: {
      requests: 7_000,
      failed,
      wrong,
      p50Ms: 3,
      p99Ms: p99,
      p999Ms: p999,
      worstMs: worst,
      slowMs: 50,
      detectMs: 0,
      errorFreeMs: 0,
      undetected: false,
      connectionsLost: 0,
      byReason: {},
      lateP99Ms: late,
      lateWorstMs: 5,
    },
    long: broken > 0 ? { opened: 30, broken } : undefined,
    originLoadPercent: 100,
    stallMs: 5,
    marks: [],
    notes: [],
    timeline: {
      stepMs: 100,
      ok: [50],
      slow: [0],
      failed: [0],
      wrong: [0],
      p50Ms: [3],
      worstMs: [5],
    },
  };
}

/** Results with Evenkeel in two variants and HAProxy with least connections. */
export function resultsOf(cells: readonly Cell[]): Results {
  const products = [
    product("evenkeel-rr", "evenkeel", false),
    product("evenkeel-hedge", "evenkeel", true, true),
    product("haproxy-lc", "haproxy", true),
    product("nginx-rr", "nginx", false),
  ];
  const scenarios = [
    scenario("kill", true, false),
    scenario("stop", true, true),
    scenario("dead", false, false),
  ];
  const has = (key: "scenario" | "product", name: string): boolean =>
    cells.some((one) => one[key] === name);
  return {
    cells,
    products: products.filter(({ id }) => has("product", id)),
    scenarios: scenarios.filter(({ name }) => has("scenario", name)),
  };
}

function product(
  id: string,
  family: Product["family"],
  leastConnections: boolean,
  hedges = false,
): Product {
  return {
    id,
    name: id,
    family,
    leastConnections,
    hedges,
    missing: () => undefined,
    version: () => "1",
    start: () => Promise.reject(new Error("made up")),
  };
}

function scenario(name: string, survivable: boolean, sluggish: boolean): Scenario {
  return { name, title: name, what: name, survivable, sluggish, run: () => Promise.resolve() };
}
