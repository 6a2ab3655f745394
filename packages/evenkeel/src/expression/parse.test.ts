import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Expression } from "./expression.ts";
import { formatExpression } from "./format.ts";
import { LONGEST_CONDITION, parseCondition } from "./parse.ts";
import { expressions } from "./testing/arbitrary.ts";
import { vocabulary } from "./vocabulary.ts";

function read(text: string): Expression {
  const parsed = parseCondition(text);
  if (!parsed.ok) assert.fail(`${text}: ${parsed.problem.message} (at ${parsed.problem.at})`);
  assert.equal(parsed.condition.text, text);
  return parsed.condition.expression;
}

describe("conditions in their plainest form", () => {
  const cases: [text: string, plain: string][] = [
    ["cpu_usage > 90% for 5m", "cpu_usage > 90% for 5m"],
    ["  cpu_usage>90%for 5m ", "cpu_usage > 90% for 5m"],
    ["5xx_ratio > 0.5% for 3 x 15s", "5xx_ratio > 0.5% for 3 x 15s"],
    ["5xx_ratio > 0.5% FOR 3x15s", "5xx_ratio > 0.5% for 3 x 15s"],
    ["p99(api) > 800ms", "p99(upstream=api) > 800ms"],
    [
      "p99(upstream=api) > 800ms and request_rate(upstream=api) > 5/s",
      "p99(upstream=api) > 800ms and request_rate(upstream=api) > 5/s",
    ],
    [
      `p99( upstream = api , endpoint = "10.0.0.1:80" ) >= 1.5s`,
      "p99(upstream=api, endpoint=10.0.0.1:80) >= 1.5s",
    ],
    ["p99(endpoint=*) > 1m30s", "p99(endpoint=*) > 1m30s"],
    ["p99(route='a b') > 1s", `p99(route="a b") > 1s`],
    ["cpu_usage(worker) > 1%", "cpu_usage(process=worker) > 1%"],
    ["cpu_usage(worker.2) > 1%", "cpu_usage(instance=worker.2) > 1%"],
    ["metric(queue_length, kind=mail) > 100", "metric(name=queue_length, kind=mail) > 100"],
    [`prometheus("up{job=\\"api\\"}") == 0`, `prometheus("up{job=\\"api\\"}") == 0`],
    ["memory > 512 MiB for 1h", "memory > 512MiB for 1h"],
    ["request_rate < 30 / m", "request_rate < 30/m"],
    ["available < 2 or up == 0 and ready == 0", "available < 2 or (up == 0 and ready == 0)"],
    ["(available < 2 or up == 0) and ready == 0", "(available < 2 or up == 0) and ready == 0"],
    ["((available < 2)) for 5s", "available < 2 for 5s"],
    ["(available < 2 and p50 > 1s) for 5s", "(available < 2 and p50 > 1s) for 5s"],
    ["(p50 > 1s for 5s) for 2 x 1m", "(p50 > 1s for 5s) for 2 x 1m"],
    ["error_ratio != 0", "error_ratio != 0"],
    ["restarts(window=10m) > 3", "restarts(window=10m) > 3"],
  ];
  for (const [text, plain] of cases) {
    test(text, () => assert.equal(formatExpression(read(text)), plain));
  }
});

describe("values are in the signal's own unit", () => {
  const cases: [text: string, value: number, unit: string][] = [
    ["cpu_usage > 90%", 0.9, "ratio"],
    ["p99 > 800ms", 0.8, "seconds"],
    ["p99 > 2m", 120, "seconds"],
    ["memory > 1KB", 1000, "bytes"],
    ["memory > 1KiB", 1024, "bytes"],
    ["memory > 1.5GiB", 1_610_612_736, "bytes"],
    ["request_rate > 30/m", 0.5, "per_second"],
    ["in_flight > 7", 7, "none"],
    ["metric(x) > -3.5", -3.5, "none"],
    ["metric(x) > .5", 0.5, "none"],
  ];
  for (const [text, value, unit] of cases) {
    test(text, () => {
      const read1 = read(text);
      assert.ok(read1.kind === "comparison");
      assert.deepEqual([read1.value, read1.unit], [value, unit]);
    });
  }
});

describe("what is wrong is told with its place", () => {
  const cases: [text: string, caret: number, message: RegExp][] = [
    ["", 0, /is empty/],
    ["   ", 3, /is empty/],
    ["cpu_usge > 90%", 0, /there is no signal "cpu_usge"; did you mean "cpu_usage"\?/],
    ["zebra > 90%", 0, /there is no signal "zebra"; there are request_rate, /],
    ["cpu_usage", 9, /expected a comparison, such as cpu_usage > …, not the end/],
    ["cpu_usage 90%", 10, /expected a comparison, .* not "90"/],
    ["cpu_usage = 90%", 10, /to compare write ==/],
    ["cpu_usage > ", 12, /expected a number, not the end/],
    ["cpu_usage > high", 12, /expected a number, not "high"/],
    ["cpu_usage > 5s", 12, /cpu_usage is a share: compare it with a percentage such as 90%/],
    ["cpu_usage > 90", 12, /such as 90%$/],
    ["cpu_usage > 0.8", 12, /such as 80%$/],
    ["p99 > 800", 6, /p99 is a time: .* 800ms or 5s/],
    ["memory > 90%", 9, /memory is a size/],
    ["request_rate > 5", 15, /request_rate is a rate: .* 5\/s/],
    ["in_flight > 5%", 12, /in_flight is a number/],
    ["p99 > 5sec", 6, /there is no such value as "5sec"/],
    ["memory > 5MiBs", 9, /did you mean "MiB"\?/],
    ["request_rate > 5toString", 15, /no such value as "5toString"; units are/],
    ["memory > 5constructor", 9, /no such value as "5constructor"; units are/],
    [`memory > ${"9".repeat(310)}GiB`, 9, /no such value/],
    ["p99 > 1s for", 12, /expected how long, such as 5m or 3 x 15s .* not the end/],
    ["p99 > 1s for ever", 13, /expected how long, .* not "ever"/],
    ["p99 > 1s for 5", 13, /expected how long, .* not "5"/],
    ["p99 > 1s for 0s", 13, /expected how long/],
    ["p99 > 1s for 99d", 13, /at most 24 days/],
    ["p99 > 1s for 1 x 5s", 13, /a whole number from 2 to 1000/],
    ["p99 > 1s for 2.5 x 5s", 13, /a whole number from 2 to 1000/],
    ["p99 > 1s for 3 x", 16, /expected how long/],
    ["p99 > 1s p50 > 1s", 9, /expected "and", "or", "for" or the end, not "p50"/],
    ["p99 > 1s and", 12, /expected a signal such as cpu_usage, not the end/],
    ["p99 > 1s)", 8, /this \) closes nothing/],
    ["(p99 > 1s", 0, /this \( is not closed/],
    ["(p99 > 1s ; p50 > 1s)", 10, /expected .* or \), not ";"/],
    ["p99(", 4, /expected a name, not the end/],
    ["p99(api", 7, /expected \), not the end/],
    ["p99(upstrem=api) > 1s", 4, /p99 has no "upstrem"; did you mean "upstream"\?/],
    ["p99(zebra=api) > 1s", 4, /it takes upstream, endpoint, route, window/],
    ["in_flight(route=a) > 1", 10, /in_flight has no "route"/],
    ["p99(upstream=a, upstream=b) > 1s", 16, /upstream is written twice/],
    ["p99(route=a, upstream=b) > 1s", 13, /a route or an upstream, not both/],
    ["p99(upstream='') > 1s", 4, /upstream is empty/],
    ["p99('api) > 1s", 4, /this quote is not closed/],
    ["p99(window=2m) > 1s", 4, /a window of p99 is 1s to 1m, not "2m"/],
    ["up(window=2m) > 1", 3, /it takes no window/],
    ["metric > 1", 0, /say which metric/],
    ["prometheus > 1", 11, /expected a query/],
    ["prometheus(up) > 1", 11, /the query in quotes/],
    ['prometheus(" ") > 1', 11, /the query is empty/],
  ];
  for (const [text, caret, message] of cases) {
    test(text === "" ? "nothing" : text, () => {
      const parsed = parseCondition(text);
      assert.ok(!parsed.ok, "it was taken");
      assert.match(parsed.problem.message, message);
      assert.equal(parsed.problem.at, caret);
    });
  }
});

describe("bounds", () => {
  const refused = (text: string, message: RegExp): void => {
    const parsed = parseCondition(text);
    assert.ok(!parsed.ok);
    assert.match(parsed.problem.message, message);
  };

  test("length", () => {
    const most = "up > 0".padEnd(LONGEST_CONDITION);
    assert.ok(parseCondition(most).ok);
    refused(`${most} `, /at most 2000 characters; this has 2001/);
  });

  test("depth", () => {
    const nested = (depth: number): string => `${"(".repeat(depth)}up > 0${")".repeat(depth)}`;
    assert.ok(parseCondition(nested(20)).ok);
    refused(nested(21), /at most 20 deep/);
  });

  test("comparisons", () => {
    const row = (count: number): string => Array(count).fill("up > 0").join(" or ");
    assert.ok(parseCondition(row(64)).ok);
    refused(row(65), /at most 64 comparisons/);
  });
});

describe("whatever is written", () => {
  test("an expression reads back as itself", () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const text = formatExpression(expression);
        fc.pre(text.length <= LONGEST_CONDITION);
        assert.deepEqual(read(text), expression);
      }),
      { numRuns: 500 },
    );
  });

  test("nothing throws, and carets point into the text", () => {
    const words = `p99 ( ) api = > 5 ms % for x and or " ' \\ , / - \n metric prometheus window * é`;
    const pieces = fc.constantFrom(" ", "0.5", ...words.split(" "));
    const texts = fc.oneof(
      fc.array(pieces, { maxLength: 30 }).map((all) => all.join("")),
      fc.string({ unit: "binary", maxLength: 60 }),
      expressions.chain((expression) => {
        const text = formatExpression(expression);
        return fc.nat({ max: text.length }).map((at) => text.slice(0, at) + text.slice(at + 1));
      }),
    );
    let refused = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseCondition(text);
        if (parsed.ok) return;
        refused++;
        const { at, message } = parsed.problem;
        assert.ok(at >= 0 && at <= text.length, `${at} of ${text.length}`);
        assert.ok(message.length > 0 && !message.includes("undefined"), message);
      }),
      { numRuns: 2000 },
    );
    assert.ok(refused > 500, `only ${refused} were refused`);
  });
});

test("every signal can be written down", () => {
  const values = {
    none: "1",
    ratio: "1%",
    seconds: "1s",
    bytes: "1KiB",
    per_second: "1/s",
    any: "1",
  };
  const selectors: Readonly<Record<string, string>> = { metric: "(x)", prometheus: "('x')" };
  for (const { name, unit } of vocabulary.values()) {
    const text = `${name}${selectors[name] ?? ""} > ${values[unit]}`;
    assert.ok(parseCondition(text).ok, text);
  }
});
