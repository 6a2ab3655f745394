import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import {
  clearWindow,
  countInWindow,
  createWindow,
  reachesFailureRatio,
  windowTotals,
} from "./sliding-window.ts";

describe("sliding window", () => {
  test("is empty at first", () => {
    assert.deepEqual(windowTotals(createWindow(1_000), 5e12), { requests: 0, failures: 0 });
  });

  test("adds up what was counted within it", () => {
    const window = createWindow(1_000);
    countInWindow(window, 5_000, 10, 1);
    countInWindow(window, 5_050, 2, 2);
    countInWindow(window, 5_800, 3, 0);
    assert.deepEqual(windowTotals(window, 5_900), { requests: 15, failures: 3 });
  });

  test("forgets by tenths", () => {
    const window = createWindow(1_000);
    countInWindow(window, 5_099, 10, 1);
    countInWindow(window, 5_100, 5, 5);
    assert.equal(windowTotals(window, 5_999).requests, 15);
    assert.deepEqual(windowTotals(window, 6_000), { requests: 5, failures: 5 });
    assert.equal(windowTotals(window, 6_100).requests, 0);
  });

  test("forgets everything in a long silence, and on demand", () => {
    const window = createWindow(1_000);
    countInWindow(window, 5_000, 10, 1);
    assert.equal(windowTotals(window, 900_900).requests, 0);
    countInWindow(window, 900_900, 4, 4);
    clearWindow(window);
    assert.deepEqual(windowTotals(window, 900_900), { requests: 0, failures: 0 });
  });

  test("a clock that went back stands still", () => {
    const window = createWindow(1_000);
    countInWindow(window, 5_000, 10, 1);
    countInWindow(window, 100, 1, 1);
    assert.deepEqual(windowTotals(window, 5_000), { requests: 11, failures: 2 });
  });

  test("survives being stored as text", () => {
    const window = createWindow(1_000);
    countInWindow(window, 5_000, 10, 1);
    const stored = JSON.parse(JSON.stringify(window)) as typeof window;
    assert.deepEqual(windowTotals(stored, 5_100), { requests: 10, failures: 1 });
  });

  test("covers no less than nine tenths and no more than all of the window", () => {
    const entry = fc.record({ afterMs: fc.nat(300), failed: fc.boolean() });
    const property = fc.property(fc.array(entry, { maxLength: 80, size: "max" }), (entries) => {
      const window = createWindow(1_000);
      const seen: { atMs: number; failed: boolean }[] = [];
      let nowMs = 7_000;
      for (const { afterMs, failed } of entries) {
        nowMs += afterMs;
        seen.push({ atMs: nowMs, failed });
        countInWindow(window, nowMs, 1, failed ? 1 : 0);
        const within = (ms: number) => seen.filter(({ atMs }) => nowMs - atMs < ms);
        const { requests, failures } = windowTotals(window, nowMs);
        assert.ok(requests >= within(900).length && requests <= within(1_000).length);
        assert.equal(failures, seen.slice(-requests).filter((one) => one.failed).length);
      }
    });
    fc.assert(property, { seed: 1 });
  });
});

describe("the failure ratio", () => {
  test("is reached by exactly that share, whatever the percentage", () => {
    for (let percent = 1; percent <= 100; percent++) {
      const limits = { ratio: percent / 100, minRequests: 100 };
      for (const requests of [100, 300, 700, 1_000]) {
        const failures = (requests / 100) * percent;
        const what = `${percent} % of ${requests}`;
        assert.ok(reachesFailureRatio({ requests, failures }, limits), what);
        assert.ok(!reachesFailureRatio({ requests, failures: failures - 1 }, limits), what);
      }
    }
  });

  for (const [name, requests, failures, minRequests] of [
    ["too few requests", 19, 19, 20],
    ["no failure", 100, 0, 20],
    ["no request", 0, 0, 0],
  ] as const) {
    test(`is not reached with ${name}`, () => {
      assert.ok(!reachesFailureRatio({ requests, failures }, { ratio: 0, minRequests }));
    });
  }
});
