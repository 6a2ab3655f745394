import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { gainWeight, penalize } from "./smooth-weights.ts";
import { group } from "./testing/index.ts";

describe("penalize", () => {
  const cases = [
    { takes: 5, when: "one failure of one allowed", weight: 5, maxFails: 1, failures: 1 },
    { takes: 2, when: "one of two, in whole parts", weight: 5, maxFails: 2, failures: 1 },
    { takes: 5, when: "more than there is", weight: 5, maxFails: 2, failures: 4 },
    { takes: 0, when: "less than one", weight: 1, maxFails: 3, failures: 9 },
    { takes: 0, when: "accounting is off", weight: 5, maxFails: 0, failures: 9 },
  ];
  for (const { takes, when, weight, maxFails, failures } of cases) {
    test(`takes ${takes} when ${when}`, () => {
      const { facts, slotOf } = group(`a b*${weight}`);
      for (let failure = 0; failure < failures; failure++) penalize(facts, slotOf("b"), maxFails);
      assert.equal(facts.penalty[slotOf("b")], takes);
      assert.equal(facts.penalty[slotOf("a")], 0);
    });
  }
});

describe("gain of weight", () => {
  const cases = [
    { gains: 5, left: 0, weight: 5, penalty: 0 },
    { gains: 1, left: 3, weight: 5, penalty: 4 },
    { gains: 0, left: 1, weight: 2, penalty: 900 },
    { gains: 0, left: 0, weight: 0.5, penalty: 0.5 },
  ];
  for (const { gains, left, weight, penalty } of cases) {
    test(`of weight ${weight} less ${penalty} is ${gains}, then less ${left}`, () => {
      const { facts, slotOf } = group(`a*${weight}`);
      const slot = slotOf("a");
      facts.penalty[slot] = penalty;
      facts.currentWeight[slot] = 10;
      assert.equal(gainWeight(facts, slot), gains);
      assert.equal(facts.currentWeight[slot], 10 + gains);
      assert.equal(facts.penalty[slot], left);
    });
  }
});
