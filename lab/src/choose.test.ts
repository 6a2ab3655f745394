import assert from "node:assert/strict";
import { test } from "node:test";

import { cell } from "./metrics/testing/made-up.ts";
import { allProducts, chooseProducts } from "./products/all.ts";
import { families } from "./products/product.ts";
import { finishedText, progressText } from "./report/progress-line.ts";
import { allScenarios, chooseScenarios } from "./scenarios/all.ts";

test("a family stands for its variants, an id for one", () => {
  const ids = (...names: string[]): string[] => chooseProducts(names).map(({ id }) => id);
  assert.deepEqual(ids("haproxy"), ["haproxy-rr", "haproxy-lc"]);
  assert.deepEqual(ids("caddy-lc", "evenkeel-rr"), ["evenkeel-rr", "caddy-lc"]);
  assert.equal(ids().length, allProducts.length);
  assert.throws(() => ids("apache"), /unknown product "apache"; known: evenkeel, nginx/);
});

test("every family takes part, and names are given once", () => {
  for (const family of families) assert.ok(allProducts.some((one) => one.family === family));
  assert.equal(new Set(allProducts.map(({ id }) => id)).size, allProducts.length);
  assert.equal(new Set(allScenarios.map(({ name }) => name)).size, allScenarios.length);
});

test("scenarios by name, in the order of the tables", () => {
  assert.deepEqual(
    chooseScenarios(["stop", "kill"]).map(({ name }) => name),
    ["kill", "stop"],
  );
  assert.throws(() => chooseScenarios(["rain"]), /unknown scenario "rain"/);
});

const place = {
  scenario: chooseScenarios(["stop"])[0]!,
  product: chooseProducts(["nginx-lc"])[0]!,
  index: 4,
  of: 10,
};

test("the line of a run tells where it is and what is left", () => {
  const progress = { elapsedMs: 2_500, sent: 1_250, settled: 1_240, failed: 3, wrong: 0 };
  assert.equal(
    progressText(place, progress, 20_000),
    "[5/10] SIGSTOP, nginx least_conn: 2.5 s  1240 of 1250 answered, 3 failed, 0 wrong  2 min left",
  );
  assert.match(progressText(place, { ...progress, elapsedMs: -10 }, undefined), /: warm-up {2}/);
});

test("the line of a finished run tells what matters", () => {
  assert.equal(
    finishedText(place, cell("stop", "nginx-lc", { failed: 2, p99: 5.25, worst: 3_004.4 })),
    "[5/10] SIGSTOP, nginx least_conn: 2 failed, 0 wrong, p99 5.3, worst 3004 ms",
  );
});
