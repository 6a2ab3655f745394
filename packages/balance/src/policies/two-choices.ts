/**
 * Two choices: draw two different members at random and take the less loaded.
 *
 * Nearly as even as looking for the least loaded of all, at constant cost, and without the herd that
 * forms when many threads act on the same slightly old counts (Mitzenmacher, 2001). Weights are
 * capacity: a member is drawn as often as its weight says, so that one large member among many
 * small ones is found, and its load is divided by its weight. Cost: O(1), O(log n) with unequal
 * weights.
 */
import type { EndpointFacts, Policy } from "../policy.ts";
import { createWeightedDraw } from "../weighted-draw.ts";

/** Compares the loads that the members would have with this request. */
export function twoChoices(): Policy {
  return {
    exclusive: false,
    createPicker(members, facts, random) {
      const open = createWeightedDraw(members, facts, random);
      return {
        pick(request) {
          const one = open.draw(request, -1);
          if (one === -1) return -1;
          const other = open.draw(request, one);
          const slot = members[one]!;
          if (other === -1) return slot;
          // Ties go to the first, which was drawn at random, so a tie favours nobody.
          return load(facts, members[other]!) < load(facts, slot) ? members[other]! : slot;
        },
      };
    },
  };
}

/** Load once this request is sent, so that between idle members the larger one wins. */
function load(facts: EndpointFacts, slot: number): number {
  return (facts.inFlight[slot]! + 1) / facts.weight[slot]!;
}
