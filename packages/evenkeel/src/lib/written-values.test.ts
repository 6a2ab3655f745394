import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { formatDuration, longestMs, parseDuration } from "./duration.ts";
import { parsePercent } from "./percent.ts";
import { parseRate } from "./rate.ts";
import { formatSize, parseSize } from "./size.ts";

function table(
  parse: (text: string) => number | undefined,
  cases: Readonly<Record<string, number | undefined>>,
): void {
  for (const [text, expected] of Object.entries(cases)) {
    test(`${JSON.stringify(text)} is ${expected ?? "refused"}`, () =>
      assert.equal(parse(text), expected));
  }
}

describe("durations", () => {
  table(parseDuration, {
    "5s": 5_000,
    "250ms": 250,
    "1m30s": 90_000,
    "1.5s": 1_500,
    "2h": 7_200_000,
    "1d": 86_400_000,
    "0": 0,
    "0s": 0,
    "24d": 2_073_600_000,
    "25d": undefined,
    "5": undefined,
    "5 s": undefined,
    "-5s": undefined,
    s: undefined,
    "1.s": undefined,
    "5sec": undefined,
    "": undefined,
    "1e3s": undefined,
  });

  test("what is formatted parses to the same", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: longestMs }), (ms) =>
        assert.equal(parseDuration(formatDuration(ms)), ms),
      ),
    ));
});

describe("sizes", () => {
  table(parseSize, {
    "64KiB": 65_536,
    "1MiB": 1_048_576,
    "10k": 10_240,
    "1m": 1_048_576,
    "1G": 1_073_741_824,
    "1.5k": 1_536,
    "100": 100,
    "100B": 100,
    "1 MiB": 1_048_576,
    "10kB": undefined,
    "10MB": undefined,
    "-1": undefined,
    k: undefined,
    "": undefined,
    "99999999GiB": undefined,
  });

  test("what is formatted parses to the same", () =>
    fc.assert(fc.property(fc.nat(), (bytes) => assert.equal(parseSize(formatSize(bytes)), bytes))));
});

describe("rates", () => {
  table(parseRate, {
    "100/s": 100,
    "1000/m": 1000 / 60,
    "36/h": 0.01,
    "0.5/s": 0.5,
    "0/s": undefined,
    "100": undefined,
    "100/d": undefined,
    "-1/s": undefined,
    "/s": undefined,
  });
});

describe("percentages", () => {
  table(parsePercent, {
    "50%": 50,
    "12.5%": 12.5,
    "150%": 150,
    "50 %": 50,
    "50": undefined,
    "0.5": undefined,
    "%": undefined,
    "-1%": undefined,
  });
});
