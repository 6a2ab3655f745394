import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describePolicyContract, group, pickRequest, seededRandom } from "../testing/index.ts";
import { isPlausible, tally } from "../testing/tally.ts";
import { random } from "./random.ts";

describePolicyContract("random", random);

describe("random", () => {
  const cases = [
    { of: "a b c d", out: "", shares: { a: 0.25, b: 0.25, c: 0.25, d: 0.25 } },
    { of: "a*5 b c*2", out: "", shares: { a: 0.625, b: 0.125, c: 0.25 } },
    { of: "a*5 b c*2", out: "a", shares: { a: 0, b: 1 / 3, c: 2 / 3 } },
  ];
  for (const { of, out, shares } of cases) {
    for (const how of ["tried", "closed"] as const) {
      test(`"${of}" with "${out}" ${how} is picked as the weights say`, () => {
        const made = group(of);
        const picker = random().createPicker(made.members, made.facts, seededRandom(11));
        const request =
          how === "tried"
            ? pickRequest({ tried: out.split("").map(made.slotOf) })
            : pickRequest({ closed: (slot) => out.includes(made.nameOf(slot)) });
        const counts = tally(made, picker, 20_000, request);
        for (const [name, share] of Object.entries(shares)) {
          assert.ok(
            isPlausible(counts[name]!, 20_000, share),
            `${name}: ${counts[name]}, ${share}`,
          );
        }
      });
    }
  }

  test("needs no lock", () => assert.equal(random().exclusive, false));
});
