import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { eligibleBackups, eligibleMembers, takesBoundClient } from "./eligibility.ts";

/** "a+" backup, "a-" takes bound clients only, "a!" takes nobody, "a0" weight zero. */
function candidates(notation: string) {
  return notation.split(" ").map((word) => ({
    slot: word.charCodeAt(0),
    takesNew: !/[-!]/.test(word),
    takesBound: !word.includes("!"),
    weight: word.includes("0") ? 0 : 2,
    backup: word.includes("+"),
  }));
}
const names = (slots: readonly number[]) => String.fromCharCode(...slots);

describe("eligibility", () => {
  const cases = [
    { members: "abc", when: "all take new requests, in the order given", of: "a b c" },
    { members: "ac", when: "one takes bound clients only", of: "a b- c" },
    { members: "c", when: "one is out and one has no weight", of: "a! b0 c d+" },
    { members: "cd", when: "no primary takes new requests", of: "a! b- c+ d+" },
    { members: "d", when: "the only primary has no weight and a backup is out", of: "a0 c!+ d+" },
    { members: "", when: "nobody takes new requests", of: "a! b0 c-+ d0+" },
  ];
  for (const { members, when, of: notation } of cases) {
    test(`gives "${members}" when ${when}`, () => {
      assert.equal(names(eligibleMembers(candidates(notation))), members);
    });
  }

  test("backups are available apart", () => {
    assert.equal(names(eligibleBackups(candidates("a b+ c!+ d0+ e+"))), "be");
  });

  test("bound clients are served while draining and without weight, not when it is out", () => {
    const [draining, weightless, out, healthy] = candidates("a- b0 c! d");
    assert.equal(takesBoundClient(draining!), true);
    assert.equal(takesBoundClient(weightless!), true);
    assert.equal(takesBoundClient(out!), false);
    assert.equal(takesBoundClient(healthy!), true);
  });
});
