/**
 * Two choices: draw two different members at random and take the less loaded.
 *
 * Nearly as even as looking for the least loaded of all, at constant cost, and without the herd that
 * forms when many threads act on the same slightly old counts (Mitzenmacher, 2001). Weights are
 * capacity: a member is drawn as often as its weight says, so that one large member among many
 * small ones is found, and its load is divided by its weight. Cost: O(1), O(log n) with unequal
 * weights.
 */
import { createPairPicker } from "../pair-picker.ts";
import type { EndpointFacts, Policy } from "../policy.ts";

/** Compares the loads that the members would have with this request. */
export function twoChoices(): Policy {
  return {
    exclusive: false,
    createPicker: (members, facts, random) =>
      createPairPicker(members, facts, random, (slot) => load(facts, slot)),
  };
}

/** Load once this request is sent, so that between idle members the larger one wins. */
function load(facts: EndpointFacts, slot: number): number {
  return (facts.inFlight[slot]! + 1) / facts.weight[slot]!;
}
