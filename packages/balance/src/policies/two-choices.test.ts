import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  describePolicyContract,
  evenGroup,
  group,
  pickRequest,
  scriptedRandom,
  seededRandom,
} from "../testing/index.ts";
import { isPlausible, tally } from "../testing/tally.ts";
import { twoChoices } from "./two-choices.ts";

describePolicyContract("two_choices", twoChoices);

describe("two_choices", () => {
  // `draws`: where on the line of weights the first member is, then the second without the first.
  const cases = [
    { picks: "b", when: "it is less loaded", of: "a:9 b:2", draws: [0, 0] },
    { picks: "b", when: "loads tie and it was drawn first", of: "a:4 b:4", draws: [0.9, 0] },
    { picks: "a", when: "its weight makes up for its load", of: "a*4:6 b:2", draws: [0.9, 0] },
    { picks: "a", when: "both are idle and b is larger", of: "a b*4", draws: [0, 0] },
    { picks: "b", when: "both are idle and a is smaller", of: "a b*4", draws: [0.9, 0] },
    { picks: "a", when: "loads tie for their weights", of: "a*2:4 b*3:6", draws: [0, 0] },
    { picks: "b", when: "the idlest is not drawn", of: "a:5 b:3 c:0", draws: [0, 0] },
    { picks: "c", when: "the idlest is drawn second", of: "a:5 b:3 c:0", draws: [0, 0.9] },
  ];
  for (const { picks, when, of, draws } of cases) {
    test(`picks ${picks} when ${when}`, () => {
      const { members, facts, nameOf } = group(of);
      const picker = twoChoices().createPicker(members, facts, scriptedRandom(...draws));
      assert.equal(nameOf(picker.pick(pickRequest())), picks);
    });
  }

  test("twice the weight settles at twice the requests in flight", () => {
    const { members, facts } = group("large*2 small");
    const picker = twoChoices().createPicker(members, facts, seededRandom(7));
    for (let sent = 0; sent < 3_000; sent++) {
      const slot = picker.pick(pickRequest());
      facts.inFlight[slot] = facts.inFlight[slot]! + 1;
    }
    assert.deepEqual(
      members.map((slot) => facts.inFlight[slot]),
      [2_000, 1_000],
    );
  });

  // While all are idle, weights count once: in the draw.
  const small = Array.from({ length: 20 }, (_, index) => `s${index}`).join(" ");
  const idle = [
    { of: "big*20 small*20", share: 1 / 2 },
    { of: "big*100 small*99", share: 100 / 199 },
    { of: "big*3 small", share: 3 / 4 },
    { of: `big*20 ${small}`, share: 1 / 2 },
    // Slow start: 10 %, 50 % and 90 % of the weight.
    { of: "big*0.1 old", share: 0.1 / 1.1 },
    { of: "big*0.5 old", share: 1 / 3 },
    { of: "big*0.9 old", share: 0.9 / 1.9 },
    { of: "big*0.1 old other", share: 0.1 / 2.1 },
  ];
  for (const { of, share } of idle) {
    test(`idle members "${of.slice(0, 20)}" share by weight`, () => {
      const made = group(of);
      const picker = twoChoices().createPicker(made.members, made.facts, seededRandom(7));
      const { big = 0 } = tally(made, picker, 20_000);
      assert.ok(isPlausible(big, 20_000, share), `${big} of 20000, not ${share}`);
    });
  }

  const loaded = [
    { of: "a*100 b*99", each: [1_000, 990] },
    { of: "a*3 b c", each: [1_500, 500, 500] },
    { of: "a*0.1 b", each: [100, 1_000] },
  ];
  for (const { of, each } of loaded) {
    test(`loaded members "${of}" hold what their weights say`, () => {
      const { members, facts } = group(of);
      const picker = twoChoices().createPicker(members, facts, seededRandom(7));
      const all = each.reduce((sum, count) => sum + count, 0);
      for (let sent = 0; sent < all; sent++) facts.inFlight[picker.pick(pickRequest())]!++;
      for (const [index, count] of each.entries()) {
        const held = facts.inFlight[members[index]!]!;
        assert.ok(Math.abs(held - count) <= 0.03 * count, `${held}, not ${count}`);
      }
    });
  }

  test("keeps the fullest member near the mean, where one draw would not", () => {
    const made = evenGroup(100);
    const picker = twoChoices().createPicker(made.members, made.facts, seededRandom(3));
    for (let sent = 0; sent < 10_000; sent++) {
      const slot = picker.pick(pickRequest());
      made.facts.inFlight[slot] = made.facts.inFlight[slot]! + 1;
    }
    const fullest = Math.max(...made.members.map((slot) => made.facts.inFlight[slot]!));
    assert.ok(fullest <= 105, `${fullest} with a mean of 100`);
  });

  test("needs no lock", () => assert.equal(twoChoices().exclusive, false));
});
