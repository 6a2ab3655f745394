import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { mayRetry } from "./retry-budget.ts";

describe("retry budget", () => {
  const cases = [
    { may: true, when: "there were few requests: the least is allowed", requests: 1, retries: 2 },
    { may: false, when: "the least is used up", requests: 1, retries: 3 },
    { may: true, when: "the share allows more", requests: 100, retries: 19 },
    { may: false, when: "the share is used up", requests: 100, retries: 20 },
    { may: false, when: "the share is a fraction", requests: 24, retries: 4 },
    { may: false, when: "it is turned off", requests: 100, retries: 0, percent: 0, min: 0 },
  ];
  for (const { may, when, percent = 20, min = 3, ...rest } of cases) {
    test(`${may ? "allows" : "refuses"} one when ${when}`, () => {
      assert.equal(mayRetry({ percent, min, ...rest }), may);
    });
  }
});
