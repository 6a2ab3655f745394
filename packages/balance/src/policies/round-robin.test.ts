import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describePolicyContract, group, pickRequest, seededRandom } from "../testing/index.ts";
import { describeLikeNginx } from "../testing/like-nginx.ts";
import { roundRobinModel } from "../testing/nginx-model.ts";
import { roundRobin } from "./round-robin.ts";

describePolicyContract("round_robin", roundRobin);
describeLikeNginx("round_robin", roundRobin, roundRobinModel);

describe("round_robin", () => {
  const cases = [
    { of: "a*5 b c", turns: "a a b a c a a a a b a c a a" },
    { of: "a b c", turns: "a b c a b c a" },
    { of: "a*4 b*2", turns: "a b a a b a" },
    { of: "a*3 b*0.5", turns: "a a a b a a a" },
    { of: "a", turns: "a a a" },
  ];
  for (const { of, turns } of cases) {
    test(`"${of}" takes turns ${turns}`, () => {
      const { members, facts, nameOf } = group(of);
      const picker = roundRobin().createPicker(members, facts, seededRandom(1));
      const got = turns.split(" ").map(() => nameOf(picker.pick(pickRequest())));
      assert.equal(got.join(" "), turns);
    });
  }

  test("a new picker, as after a change of membership, goes on where the last one was", () => {
    const { members, facts, nameOf } = group("a b c");
    const pick = () =>
      nameOf(roundRobin().createPicker(members, facts, seededRandom(1)).pick(pickRequest()));
    assert.equal([pick(), pick(), pick(), pick()].join(" "), "a b c a");
  });

  test("a weight changed in the facts counts at the next pick", () => {
    const { members, facts, nameOf, slotOf } = group("a b");
    const picker = roundRobin().createPicker(members, facts, seededRandom(1));
    facts.weight[slotOf("b")] = 3;
    const picks = Array.from({ length: 4 }, () => nameOf(picker.pick(pickRequest())));
    assert.equal(picks.join(" "), "b a b b");
  });

  test("is exclusive", () => assert.equal(roundRobin().exclusive, true));
});
