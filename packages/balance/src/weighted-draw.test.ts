import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { group, pickRequest, scriptedRandom, seededRandom } from "./testing/index.ts";
import { isPlausible } from "./testing/tally.ts";
import { createWeightedDraw } from "./weighted-draw.ts";

describe("weighted draw", () => {
  // The line of weights: a from 0 to 1, b to 4, c to 6.
  const uneven = [
    { draws: 0, when: "the number is at the very start", number: 0, except: -1 },
    { draws: 1, when: "it falls on the border of a and b", number: 1 / 6, except: -1 },
    { draws: 1, when: "it falls in b", number: 0.6, except: -1 },
    { draws: 2, when: "it is the largest there is", number: 1 - 2 ** -32, except: -1 },
    { draws: 0, when: "b is left out and it falls in a", number: 0.3, except: 1 },
    { draws: 2, when: "b is left out and it falls behind a", number: 0.34, except: 1 },
    { draws: 1, when: "c is left out and it is the largest", number: 1 - 2 ** -32, except: 2 },
  ];
  for (const { draws, when, number, except } of uneven) {
    test(`of unequal weights draws ${draws} when ${when}`, () => {
      const { members, facts } = group("a b*3 c*2");
      const drawn = createWeightedDraw(members, facts, scriptedRandom(number));
      assert.equal(drawn.draw(pickRequest(), except), draws);
    });
  }

  const even = [
    { draws: 0, number: 0, except: -1 },
    { draws: 2, number: 0.99, except: -1 },
    { draws: 1, number: 0, except: 0 },
    { draws: 2, number: 0.5, except: 1 },
    { draws: 1, number: 0.99, except: 2 },
  ];
  for (const { draws, number, except } of even) {
    test(`of equal weights draws ${draws} by ${number} without ${except}`, () => {
      const { members, facts } = group("a*4 b*4 c*4");
      const drawn = createWeightedDraw(members, facts, scriptedRandom(number));
      assert.equal(drawn.draw(pickRequest(), except), draws);
    });
  }

  const shares = [
    { of: "a b*3 c*2", closed: "", except: -1 },
    { of: "a b*3 c*2", closed: "", except: 1 },
    { of: "a b*3 c*2 d*4", closed: "", except: 1 },
    { of: "a b*3 c*2 d*4", closed: "b", except: -1 },
    { of: "a b*3 c*2 d*400", closed: "d", except: -1 },
    { of: "a b*3 c*2 d*400", closed: "d", except: 0 },
    { of: "a b c d e f g h i j", closed: "abcdefgh", except: -1 },
    { of: "a*0 b*0 c*0", closed: "", except: -1 },
  ];
  for (const { of, closed, except } of shares) {
    test(`"${of}" without "${closed}" and ${except} is drawn as the weights say`, () => {
      const made = group(of);
      const drawn = createWeightedDraw(made.members, made.facts, seededRandom(5));
      const request = pickRequest({ closed: (slot) => closed.includes(made.nameOf(slot)) });
      const counts = made.members.map(() => 0);
      const picks = 20_000;
      for (let pick = 0; pick < picks; pick++) counts[drawn.draw(request, except)]!++;
      const weights = made.members.map((slot, index) =>
        index === except || closed.includes(made.nameOf(slot)) ? 0 : made.facts.weight[slot] || 1,
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [index, count] of counts.entries()) {
        const share = weights[index]! / total;
        assert.ok(isPlausible(count, picks, share), `${index}: ${count} of ${picks}, ${share}`);
      }
    });
  }

  // Of the line from 0 to 6 without the second one's part, 5 and 3, how much lacks the first one's.
  const places = [
    { first: 0, second: 1, number: undefined, replaced: true },
    { first: 1, second: 0, number: 0.59, replaced: true },
    { first: 1, second: 0, number: 0.6, replaced: false },
    { first: 2, second: 0, number: 0.79, replaced: true },
    { first: 2, second: 0, number: 0.81, replaced: false },
  ];
  for (const { first, second, number, replaced } of places) {
    const drawn = number === undefined ? "asking nobody" : `by ${number}`;
    test(`${second} ${replaced ? "replaces" : "does not replace"} ${first}, ${drawn}`, () => {
      const { members, facts } = group("a b*3 c*2");
      const random = scriptedRandom(...(number === undefined ? [] : [number]));
      const open = createWeightedDraw(members, facts, random);
      assert.equal(open.mayReplace(first, second), replaced);
    });
  }

  test("draws nobody where the only member is left out", () => {
    const { members, facts } = group("a");
    const drawn = createWeightedDraw(members, facts, scriptedRandom());
    assert.equal(drawn.draw(pickRequest(), 0), -1);
  });

  test("sums that round past the last member's start never draw the one left out", () => {
    const { members, facts } = group("a*2.2 b*4.4 c*8.1");
    const drawn = createWeightedDraw(members, facts, scriptedRandom(1 - 2 ** -53));
    assert.notEqual(drawn.draw(pickRequest(), 2), 2);
  });

  test("a lone weight among zeros still leaves somebody else to draw", () => {
    const { members, facts } = group("a*0 b*5 c*0");
    const drawn = createWeightedDraw(members, facts, seededRandom(1));
    assert.equal(drawn.draw(pickRequest(), 1), 2);
  });
});
