import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, formatLabels, labelsOf, matches, pick } from "./labels.ts";
import { notice } from "./testing/alert-world.ts";

test("matches what has all labels asked for", () => {
  const labels = { severity: "P0", upstream: "api" };
  const cases: readonly (readonly [match: Record<string, string>, expected: boolean])[] = [
    [{}, true],
    [{ severity: "P0" }, true],
    [{ severity: "P0", upstream: "api" }, true],
    [{ severity: "P1" }, false],
    [{ route: "x" }, false],
    [{ route: "" }, true],
  ];
  for (const [match, expected] of cases) assert.equal(matches(match, labels), expected);
});

test("alert and severity can't be overruled", () => {
  const labels = labelsOf(notice("a", { severity: "P0", labels: { severity: "P9", alert: "x" } }));
  assert.deepEqual(labels, { severity: "P0", alert: "a" });
});

test("labels are written in order and quoted", () => {
  assert.equal(formatLabels({}), "{}");
  assert.equal(formatLabels({ b: 'say "x"', a: "1" }), '{a="1", b="say \\"x\\""}');
  assert.deepEqual(pick({ a: "1", b: "" }, ["a", "b", "c"]), { a: "1" });
});

test("the fingerprint is Alertmanager's, whatever the order", () => {
  // What an Alertmanager 0.25 answered for these labels.
  assert.equal(fingerprint({ alertname: "HighErrors", severity: "P0" }), "25b1a1170013cca8");
  assert.equal(
    fingerprint({ severity: "P0", alertname: "HighErrors" }),
    fingerprint({ alertname: "HighErrors", severity: "P0" }),
  );
});
