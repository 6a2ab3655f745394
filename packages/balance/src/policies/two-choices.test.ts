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
import { tally } from "../testing/tally.ts";
import { twoChoices } from "./two-choices.ts";

describePolicyContract("two_choices", twoChoices);

describe("two_choices", () => {
  // `draws`: where on the line of weights the first member is, then the second without the first.
  const cases = [
    { picks: "b", when: "it is less loaded", of: "a:9 b:2", draws: [0, 0] },
    { picks: "b", when: "loads tie and it was drawn first", of: "a:4 b:4", draws: [0.9, 0] },
    { picks: "a", when: "its weight makes up for its load", of: "a*4:6 b:2", draws: [0.9, 0] },
    { picks: "b", when: "all are idle and it is larger", of: "a b*4", draws: [0, 0] },
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

  test("one large member among many small ones is found as often as it deserves", () => {
    const made = group(`big*20 ${Array.from({ length: 20 }, (_, index) => `s${index}`).join(" ")}`);
    const picker = twoChoices().createPicker(made.members, made.facts, seededRandom(7));
    const { big = 0 } = tally(made, picker, 1_000);
    assert.ok(big > 700, `${big} of 1000`);
  });

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
