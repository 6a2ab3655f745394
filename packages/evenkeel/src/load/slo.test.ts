import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { assert as assertProperty, property, string } from "fast-check";

import { noFailures } from "./failure-kind.ts";
import { createLatencyHistogram, recordMs } from "./latency-histogram.ts";
import { formatSlo, missedObjectives, parseSlo, type Slo } from "./slo.ts";

function sloOf(text: string): Slo {
  const parsed = parseSlo(text);
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.message);
  return parsed.slo;
}

describe("what is written", () => {
  for (const [text, read] of [
    ["", "errors<1%"],
    ["p99<50ms", "p99<50ms,errors<1%"],
    ["p99<50ms,errors<0.1%", "p99<50ms,errors<0.1%"],
    [" P99.9 <= 1.5s , max<2m,errors <= 0% ", "p99.9<=1.5s,max<120s,errors<=0%"],
    ["p50<250us,errors<5%", "p50<250us,errors<5%"],
  ] as const) {
    test(`"${text}" is ${read}`, () => assert.equal(formatSlo(sloOf(text)), read));
  }

  for (const [text, at, message] of [
    ["p99<50", 4, /duration such as 50ms/],
    ["errors<0.1%,p99", 15, /comes < and a limit/],
    ["p99<50ms,errors<0.1", 16, /percentage such as/],
    ["p99<50ms,,", 9, /must be a percentile/],
    ["p99<50ms, latency<1s", 10, /must be a percentile/],
    ["p100<1s", 0, /must be a percentile/],
    ["p0<1s", 0, /must be a percentile/],
    ["p99>50ms", 3, /comes < and a limit/],
    ["p99< ", 5, /duration/],
  ] as const) {
    test(`"${text}" is wrong at ${at}`, () => {
      const parsed = parseSlo(text);
      assert.equal(parsed.ok, false);
      assert.match(parsed.message, message);
      assert.equal(parsed.at, at);
    });
  }

  test("no text makes it throw, and every position lies within the text", () => {
    assertProperty(
      property(string(), (text) => {
        const parsed = parseSlo(text);
        if (parsed.ok) assert.deepEqual(sloOf(formatSlo(parsed.slo)), parsed.slo);
        else assert.ok(parsed.at >= 0 && parsed.at <= text.length);
      }),
    );
  });
});

describe("what holds", () => {
  const latency = createLatencyHistogram();
  for (let ms = 1; ms <= 100; ms++) recordMs(latency, ms);
  const failures = { ...noFailures(), reset: 1 };
  const measured = { requests: 101, latency, failures };
  for (const [text, missed] of [
    ["p99<150ms,errors<1%", 0],
    ["p99<99ms,errors<1%", 1],
    ["p50<=51ms,errors<1%", 0],
    ["max<100ms,errors<0.5%", 2],
    ["errors<=0%", 1],
  ] as const) {
    test(`${text}: ${missed} missed`, () =>
      assert.equal(missedObjectives(sloOf(text), measured).length, missed));
  }

  test("without a request nothing holds", () => {
    const empty = { requests: 0, latency: createLatencyHistogram(), failures: noFailures() };
    assert.equal(missedObjectives(sloOf(""), empty).length, 1);
  });

  test("without an answer no latency holds", () => {
    const failed = { ...noFailures(), connect: 5 };
    const silent = { requests: 5, latency: createLatencyHistogram(), failures: failed };
    assert.deepEqual(missedObjectives(sloOf("p99<1s"), silent), [
      "p99 unknown, not < 1s",
      "errors 100%, not < 1%",
    ]);
  });
});
