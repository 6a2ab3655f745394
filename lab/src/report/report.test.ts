import assert from "node:assert/strict";
import { test } from "node:test";

import { renderPage } from "../../../packages/evenkeel/src/report/render-page.ts";
import { cell, resultsOf } from "../metrics/testing/made-up.ts";
import { describePage } from "./page.ts";
import { closingText, scenarioText } from "./terminal.ts";

const results = resultsOf([
  cell("kill", "evenkeel-rr", { failed: 2 }),
  cell("kill", "nginx-rr"),
  cell("stop", "evenkeel-rr"),
]);

test("the table says where Evenkeel loses", () => {
  const text = scenarioText(results, results.scenarios[0]!);
  assert.match(text, /^evenkeel-rr +7000 +2 +0 /m);
  assert.match(text, /Evenkeel loses: evenkeel-rr, failed, wrong or broken: 2; better: nginx-rr 0/);
  assert.doesNotMatch(scenarioText(results, results.scenarios[1]!), /loses/);
});

test("the table's columns stand below each other", () => {
  const lines = scenarioText(results, results.scenarios[0]!).split("\n").slice(1, 5);
  const ends = lines.map((line) => line.indexOf(" ", line.search(/ [a-z\d-]+ /) + 1));
  assert.equal(
    new Set(lines.map((line) => line.trimEnd().length)).size <= 2,
    true,
    lines.join("\n"),
  );
  assert.ok(ends.every((end) => end > 0));
});

test("the end tells the bars that are missed, and why", () => {
  const text = closingText(results);
  assert.match(text, /NOT MET {2}evenkeel-rr: no failed/);
  assert.match(text, /kill: 2 failed, 0 wrong/);
});

test("the page tells bars, losses and every scenario with a chart for each product", () => {
  const page = describePage(results, [["machine", "small"]]);
  assert.equal(page.verdict?.tone, "warn");
  const titles = page.sections.map(({ title }) => title);
  assert.deepEqual(titles.slice(0, 2), ["What is asked of Evenkeel", "Where Evenkeel loses"]);
  const kill = page.sections.find(({ title }) => title.includes("(kill)"))!;
  const grid = kill.blocks.find(({ kind }) => kind === "grid");
  assert.deepEqual(grid?.kind === "grid" && grid.charts.map(({ title }) => title), [
    "evenkeel-rr",
    "nginx-rr",
  ]);
  assert.match(renderPage(page), /failed, wrong or broken: 2; better: nginx-rr 0/);
});
