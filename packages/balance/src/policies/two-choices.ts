/**
 * Two choices: draw two different members at random and take the less loaded.
 *
 * Nearly as even as looking for the least loaded of all, at constant cost, and without the herd that
 * forms when many threads act on the same slightly old counts (Mitzenmacher, 2001). Weights are
 * capacity: a member is drawn as often as its weight says, and its load is what it has in flight
 * divided by its weight, as in nginx's `random two`. This request itself is not added: it would put
 * the weights into the comparison of idle members once more. A tie goes to the one drawn first (in
 * nginx to the second), so idle members share by weight. Cost: O(1), O(log n) with unequal weights.
 */
import { createPairPicker } from "../pair-picker.ts";
import type { EndpointFacts, Policy } from "../policy.ts";

/** Compares what the members have in flight for their weight. */
export function twoChoices(): Policy {
  return {
    exclusive: false,
    createPicker: (members, facts, random) =>
      createPairPicker(members, facts, random, (slot) => load(facts, slot)),
  };
}

function load(facts: EndpointFacts, slot: number): number {
  return facts.inFlight[slot]! / facts.weight[slot]!;
}
