import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GIVEN_UP, TAKES_BOUND, TAKES_NEW } from "../board/board.ts";
import {
  type Standing,
  type Vote,
  bitsFor,
  count,
  emptyTally,
  inPanic,
  standingOf,
  voteOf,
} from "./standing.ts";

const ALL = TAKES_NEW | TAKES_BOUND;

describe("bits and votes", () => {
  const cases: [Standing, number, number, Vote][] = [
    ["ejected_by_operator", 0, 0, "apart"],
    ["stopped", GIVEN_UP, GIVEN_UP, "gone"],
    ["draining", TAKES_BOUND, TAKES_BOUND, "apart"],
    ["unhealthy", GIVEN_UP, ALL, "out"],
    ["unready", GIVEN_UP, GIVEN_UP, "apart"],
    ["held", GIVEN_UP, ALL, "gone"],
    ["ejected", GIVEN_UP, ALL, "out"],
    ["failed", ALL, ALL, "gone"],
    ["probing", 4, 4, "unknown"],
    ["warming", ALL, ALL, "serves"],
    ["healthy", ALL, ALL, "serves"],
  ];
  for (const [state, calm, panic, vote] of cases) {
    test(state, () => {
      assert.deepEqual([bitsFor(state, false), bitsFor(state, true)], [calm, panic]);
      assert.deepEqual([voteOf(state, 1), voteOf(state, 0)], [vote, "apart"]);
    });
  }
});

describe("standings", () => {
  const failing = { kind: "failing", passes: 0, reason: "" } as const;
  const never = { ...failing, everPassed: false };
  const once = { ...failing, everPassed: true };
  const passing = { kind: "passing", failures: 0 } as const;
  const hold = { reason: "", untilMs: 0 };
  const cases: [Standing, Parameters<typeof standingOf>[0]][] = [
    ["unready", { state: "unhealthy", check: never, hold: undefined }],
    ["unready", { state: "unhealthy", check: never, hold }],
    ["unhealthy", { state: "unhealthy", check: once, hold: undefined }],
    ["held", { state: "unhealthy", check: once, hold }],
    ["held", { state: "ejected", check: passing, hold }],
    ["failed", { state: "failed", check: passing, hold }],
    ["draining", { state: "draining", check: never, hold }],
    ["healthy", { state: "healthy", check: { kind: "none" }, hold: undefined }],
  ];
  for (const [standing, facts] of cases) {
    test(`${JSON.stringify(facts)} is ${standing}`, () => {
      assert.equal(standingOf(facts), standing);
    });
  }
});

describe("panic", () => {
  // s serves, x is out, o has no process, ? has no verdict yet, - is apart; capitals are backups.
  const cases: { of: string; percent: number; panic: boolean; already?: boolean }[] = [
    { of: "", percent: 50, panic: false },
    { of: "s", percent: 50, panic: false },
    { of: "x", percent: 50, panic: true },
    { of: "x", percent: 0, panic: false },
    { of: "sx", percent: 50, panic: false },
    { of: "sx", percent: 51, panic: true },
    { of: "sxx", percent: 50, panic: true },
    { of: "sx--", percent: 50, panic: false },
    { of: "--", percent: 50, panic: false },
    { of: "x?", percent: 50, panic: false },
    { of: "x?", percent: 50, panic: true, already: true },
    { of: "s??", percent: 50, panic: false, already: true },
    { of: "xS", percent: 50, panic: false },
    { of: "xX", percent: 50, panic: true },
    { of: "X", percent: 50, panic: true },
    { of: "-X", percent: 50, panic: true },
    { of: "SX", percent: 50, panic: false },
    { of: "oo", percent: 50, panic: false },
    { of: "soo", percent: 50, panic: false },
    { of: "sxoo", percent: 50, panic: true },
    { of: "oxS", percent: 50, panic: false },
  ];
  const votes: Record<string, Vote> = {
    s: "serves",
    x: "out",
    o: "gone",
    "?": "unknown",
    "-": "apart",
  };
  for (const { of, percent, panic, already = false } of cases) {
    const name = `${of || "nobody"} at ${percent} % ${already ? "goes on" : "begins"}: ${panic}`;
    test(name, () => {
      const tally = emptyTally();
      const all = of.split("").map((letter) => ({
        vote: votes[letter.toLowerCase()]!,
        backup: letter === "S" || letter === "X",
      }));
      for (const { vote, backup } of all) count(tally, vote, backup, 1);
      assert.equal(inPanic(tally, percent, already), panic);
      for (const { vote, backup } of all) count(tally, vote, backup, -1);
      assert.deepEqual(tally, emptyTally());
    });
  }
});
