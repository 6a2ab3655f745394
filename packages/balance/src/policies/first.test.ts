import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describePolicyContract, group, pickRequest, scriptedRandom } from "../testing/index.ts";
import { first } from "./first.ts";

describePolicyContract("first", first);

describe("first", () => {
  const cases = [
    { picks: "a", when: "all are open, whatever they weigh or carry", tried: "", closed: "" },
    { picks: "b", when: "a is closed", tried: "", closed: "a" },
    { picks: "c", when: "a was tried and b is closed", tried: "a", closed: "b" },
    { picks: "", when: "none is left", tried: "ab", closed: "c" },
  ];
  for (const { picks, when, tried, closed } of cases) {
    test(`picks ${picks || "nobody"} when ${when}`, () => {
      const { members, facts, nameOf, slotOf } = group("a:9 b*50 c");
      const picker = first().createPicker(members, facts, scriptedRandom());
      const request = pickRequest({
        tried: tried.split("").map(slotOf),
        closed: (slot) => closed.includes(nameOf(slot)),
      });
      assert.equal(nameOf(picker.pick(request)), picks);
    });
  }
});
