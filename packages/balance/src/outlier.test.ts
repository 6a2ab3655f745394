import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { decayedTimes, ejectionMs, isPanicking, judgeOutlier, mayEject } from "./outlier.ts";

const limits = { consecutiveFailures: 5, failureRatio: 0.5, minRequests: 20 };

describe("judging an outlier", () => {
  const byCount = "consecutive_failures";
  const byRatio = "failure_ratio";
  const cases = [
    { says: undefined, when: "nothing failed", inARow: 0, failures: 0, requests: 100 },
    { says: undefined, when: "four in a row failed", inARow: 4, failures: 4, requests: 100 },
    { says: byCount, when: "five in a row failed", inARow: 5, failures: 5, requests: 100 },
    {
      says: byCount,
      when: "five failed though the window is young",
      inARow: 5,
      failures: 5,
      requests: 5,
    },
    { says: undefined, when: "less than half failed", inARow: 1, failures: 9, requests: 20 },
    { says: byRatio, when: "exactly half failed", inARow: 1, failures: 10, requests: 20 },
    { says: undefined, when: "all but few requests failed", inARow: 1, failures: 19, requests: 19 },
  ];
  for (const { says, when, inARow, failures, requests } of cases) {
    test(`says ${says ?? "nothing"} when ${when}`, () => {
      assert.equal(judgeOutlier(inARow, { requests, failures }, limits), says);
    });
  }

  test("a threshold of 0 turns the count off", () => {
    const off = { ...limits, consecutiveFailures: 0 };
    assert.equal(judgeOutlier(99, { requests: 0, failures: 0 }, off), undefined);
  });

  test("no requests are no failures, even where none are needed", () => {
    const eager = { ...limits, failureRatio: 0, minRequests: 0 };
    assert.equal(judgeOutlier(0, { requests: 0, failures: 0 }, eager), undefined);
    assert.equal(judgeOutlier(1, { requests: 1, failures: 1 }, eager), byRatio);
  });
});

describe("the time out", () => {
  const times = { baseMs: 10_000, maxMs: 25_000 };
  for (const [inARow, ms] of [
    [1, 10_000],
    [2, 20_000],
    [3, 25_000],
    [400, 25_000],
  ] as const) {
    test(`is ${ms} ms the ${inARow}. time in a row`, () => {
      assert.equal(ejectionMs(inARow, times), ms);
    });
  }

  const decays = [
    { from: 3, healthyMs: 0, left: 3 },
    { from: 3, healthyMs: 9_999, left: 3 },
    { from: 3, healthyMs: 10_000, left: 2 },
    { from: 3, healthyMs: 29_999, left: 1 },
    { from: 3, healthyMs: 90_000, left: 0 },
    { from: 3, healthyMs: -5, left: 3 },
  ];
  for (const { from, healthyMs, left } of decays) {
    test(`of ${from} times in a row ${left} are left after ${healthyMs} healthy ms`, () => {
      assert.equal(decayedTimes(from, healthyMs, 10_000), left);
    });
  }
});

describe("the floor", () => {
  const cases = [
    { may: false, when: "it is the only endpoint", total: 1, ejected: 0, available: 1 },
    { may: true, when: "it is one of two", total: 2, ejected: 0, available: 2 },
    { may: false, when: "it is the last of two", total: 2, ejected: 1, available: 1 },
    { may: false, when: "it is the last that checks left", total: 5, ejected: 0, available: 1 },
    {
      may: false,
      when: "one of three is out and half allowed",
      total: 3,
      ejected: 1,
      available: 2,
    },
    { may: true, when: "the second of four", total: 4, ejected: 1, available: 3 },
    { may: false, when: "the third of four", total: 4, ejected: 2, available: 2 },
    { may: true, when: "checks took half, none is ejected", total: 4, ejected: 0, available: 2 },
    {
      may: true,
      when: "the first, though 10 % are less than one",
      percent: 10,
      total: 5,
      ejected: 0,
      available: 5,
    },
    {
      may: false,
      when: "the second, and 10 % are less than one",
      percent: 10,
      total: 5,
      ejected: 1,
      available: 4,
    },
    { may: false, when: "the share is 0", percent: 0, total: 9, ejected: 0, available: 9 },
    {
      may: true,
      when: "all may go but the last",
      percent: 100,
      total: 3,
      ejected: 1,
      available: 2,
    },
  ];
  for (const { may, when, percent = 50, ...room } of cases) {
    test(`${may ? "lets one go" : "holds"} when ${when}`, () => {
      assert.equal(mayEject(room, percent), may);
    });
  }

  test("whatever the group, ejecting as long as it may leaves one and keeps the share", () => {
    for (let total = 1; total <= 40; total++) {
      for (const percent of [0, 1, 10, 33, 50, 99, 100]) {
        let ejected = 0;
        while (mayEject({ total, ejected, available: total - ejected }, percent)) ejected++;
        const share = Math.max(percent > 0 ? 1 : 0, Math.floor((total * percent) / 100));
        assert.equal(ejected, Math.min(total - 1, share), `${total} at ${percent} %`);
      }
    }
  });
});

describe("panic", () => {
  const cases = [
    { is: false, available: 2, total: 4, percent: 50 },
    { is: true, available: 1, total: 3, percent: 50 },
    { is: true, available: 0, total: 1, percent: 50 },
    { is: false, available: 0, total: 4, percent: 0 },
    { is: false, available: 0, total: 0, percent: 50 },
    { is: true, available: 3, total: 4, percent: 100 },
  ];
  for (const { is, available, total, percent } of cases) {
    test(`${is ? "breaks out" : "does not"} with ${available} of ${total} at ${percent} %`, () => {
      assert.equal(isPanicking(available, total, percent), is);
    });
  }
});
