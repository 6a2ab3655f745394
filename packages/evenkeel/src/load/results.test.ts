/** Results: written, read again, compared, shown. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { renderPage } from "../report/render-page.ts";
import { benchPage, verdictText } from "./bench-page.ts";
import type { BenchResult, BenchSettings } from "./bench-result.ts";
import { chosenSteps } from "./charts.ts";
import { compareResults } from "./compare-results.ts";
import { comparisonNotes, comparisonTable } from "./comparison-view.ts";
import { noFailures } from "./failure-kind.ts";
import { findKnee } from "./knee.ts";
import { formatAmount, formatChange, formatPercent, formatUs } from "./number-format.ts";
import { readResult } from "./read-result.ts";
import { spectrumPercentiles } from "./spectrum.ts";
import { stepNotes, stepTable } from "./step-table.ts";
import { measurement } from "./testing/measurement.ts";
import { toResult } from "./write-result.ts";

const settings: BenchSettings = {
  url: "http://127.0.0.1:8080/<b>",
  address: "127.0.0.1",
  method: "GET",
  headers: ["Authorization"],
  body_bytes: 0,
  mode: "open",
  latency_from: "due",
  slo: "p99<50ms,errors<1%",
  expect: "2xx,3xx",
  warm_up_s: 1,
  settle_s: 0.2,
  hold_s: 10,
  timeout_s: 10,
  threads: 1,
  polling: false,
  keep_alive: true,
  max_connections: 100,
};

/** A run with a step per latency, at 100/s, 200/s, …; those of 50 ms and more missed. */
function resultOf(
  latenciesMs: readonly number[],
  change: Partial<BenchSettings> = {},
): BenchResult {
  const steps = latenciesMs.map((ms, index) => {
    const verdict = ms >= 50 ? ("missed" as const) : ("met" as const);
    return {
      load: (index + 1) * 100,
      bisected: false,
      measurement: measurement(ms, { failures: { ...noFailures(), reset: index } }),
      judgement: { verdict, reasons: verdict === "met" ? [] : ["slow"] },
    };
  });
  const knee = findKnee(steps.map(({ load, judgement }) => ({ load, verdict: judgement.verdict })));
  return toResult(
    { steps, knee },
    {
      settings: { ...settings, ...change },
      startedAt: new Date(0),
      durationMs: 30_000,
      interrupted: false,
    },
  );
}

describe("a result", () => {
  const result = resultOf([10, 20, 80]);

  test("is read as it was written", () => {
    const read = readResult(JSON.stringify(result));
    assert.ok(read.ok, read.ok ? "" : read.problem);
    assert.deepEqual(read.result, result);
  });

  for (const [name, text, problem] of [
    ["no JSON", "hello", /not JSON/],
    ["other JSON", "{}", /not what/],
    ["another format", '{"format":"evenkeel-bench-policies","version":1}', /not the result of one/],
    ["another version", '{"format":"evenkeel-bench","version":9}', /version 9/],
    ["a gap", JSON.stringify({ ...result, steps: [{}] }), /steps\.0/],
    [
      "a broken histogram",
      JSON.stringify({ ...result, steps: [{ ...result.steps[0], histogram: "aGk=" }] }),
      /histogram/,
    ],
  ] as const) {
    test(`${name} is refused`, () => {
      const read = readResult(text);
      assert.equal(read.ok, false);
      assert.match(read.problem, problem);
    });
  }

  test("is one row per step, with the verdict", () => {
    const { rows, columns } = stepTable(result);
    assert.equal(rows.length, 3);
    for (const row of rows) assert.equal(row.length, columns.length);
    assert.deepEqual(rows[2]?.at(-1), { text: "missed: slow", tone: "bad" });
  });

  test("says its knee, and for one step what became of the SLO", () => {
    assert.equal(verdictText(result), "Knee at 200/s: the next step, 300/s, missed.");
    assert.equal(verdictText(resultOf([80])), "p99<50ms,errors<1% missed at 100/s.");
  });

  test("is a page, beside an earlier one too", () => {
    const html = renderPage(benchPage(result, resultOf([10, 10])));
    assert.match(html, /Knee at 200\/s/);
    assert.match(html, /Against the earlier run/);
    assert.ok(!html.includes("8080/<b>"), "escaped");
    assert.doesNotThrow(() => renderPage(benchPage(resultOf([]))));
  });

  test("draws at most six spectra, those around the knee among them", () => {
    const long = resultOf([...Array.from({ length: 20 }, () => 10), 90, 95]);
    const chosen = chosenSteps(long).map(({ load }) => load);
    assert.ok(chosen.length <= 6, chosen.join());
    for (const load of [100, 2_000, 2_100, 2_200]) assert.ok(chosen.includes(load), chosen.join());
  });
});

describe("two results", () => {
  test("are compared where both have measured", () => {
    const { pairs, differences } = compareResults(resultOf([10, 20]), resultOf([15, 20, 30]));
    assert.deepEqual(
      pairs.map(({ load }) => load),
      [100, 200],
    );
    assert.deepEqual(differences, []);
    const { rows, columns } = comparisonTable(resultOf([10]), resultOf([15]));
    assert.equal(rows[0]?.length, columns.length);
    assert.ok(rows[0]?.includes("+50%"));
  });

  test("say what else differs", () => {
    const notes = comparisonNotes(resultOf([10]), resultOf([10], { threads: 2 })).join("\n");
    assert.match(notes, /threads: 1, now 2/);
  });

  test("of different kinds have nothing in common", () => {
    const closed = resultOf([10], { mode: "closed" });
    assert.deepEqual(compareResults(resultOf([10]), closed).pairs, []);
  });
});

test("notes name the errors, and connections that were too few", () => {
  const [step] = resultOf([10]).steps;
  const busy = {
    ...step!,
    errors: { ...step!.errors, reset: 3, total: 3, percent: 0.3 },
    error_reasons: [{ reason: "reset: ECONNRESET before an answer", count: 3 }],
    waited_for_connection: 500,
    open_connections: 100,
  };
  const [errors, connections] = stepNotes(busy, settings);
  assert.match(errors!, /3 reset: reset: ECONNRESET before an answer \(3\)/);
  assert.match(connections!, /50% of the requests waited because all 100 connections/);
  assert.deepEqual(stepNotes(busy, { max_connections: null }).length, 1);
});

test("the spectrum goes as far as the values tell", () => {
  const percentiles = spectrumPercentiles(1_000);
  assert.equal(percentiles[0], 0);
  assert.equal(percentiles.at(-1), 100);
  assert.ok(percentiles.at(-2)! <= 99.9 && percentiles.at(-2)! > 99.8);
  assert.deepEqual(
    percentiles,
    percentiles.toSorted((a, b) => a - b),
  );
});

describe("numbers", () => {
  for (const [shown, text] of [
    [formatUs(0), "0 us"],
    [formatUs(842.4), "842 us"],
    [formatUs(1_234), "1.23 ms"],
    [formatUs(123_456), "123 ms"],
    [formatUs(1_250_000), "1.25 s"],
    [formatAmount(999.55), "999.6"],
    [formatAmount(12_345.6), "12,346"],
    [formatPercent(0), "0%"],
    [formatPercent(0.0025), "2.5e-3%"],
    [formatPercent(1.005), "1%"],
    [formatChange(undefined), ""],
    [formatChange(0.01), "same"],
    [formatChange(-3.21), "-3.2%"],
    [formatChange(123.4), "+123%"],
  ] as const) {
    test(text === "" ? "no change" : text, () => assert.equal(shown, text));
  }
});
