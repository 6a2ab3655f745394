import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { mayRetry } from "./retry-budget.ts";

describe("retry budget", () => {
  const cases = [
    { may: true, when: "few are active: the least is allowed", active: 1, retrying: 2 },
    { may: false, when: "the least is used up", active: 1, retrying: 3 },
    { may: true, when: "the share allows more", active: 100, retrying: 19 },
    { may: false, when: "the share is used up", active: 100, retrying: 20 },
    { may: true, when: "waiting requests count too", active: 50, pending: 50, retrying: 19 },
    { may: false, when: "the share is a fraction", active: 24, retrying: 4 },
    { may: false, when: "it is turned off", active: 100, retrying: 0, percent: 0, min: 0 },
  ];
  for (const { may, when, pending = 0, percent = 20, min = 3, ...rest } of cases) {
    test(`${may ? "allows" : "refuses"} one when ${when}`, () => {
      assert.equal(mayRetry({ pending, percent, min, ...rest }), may);
    });
  }
});
