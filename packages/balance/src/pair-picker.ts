/** The better of two members drawn at random: what two_choices and least_time share. */
import type { EndpointFacts, Members, Picker, Random } from "./policy.ts";
import { createWeightedDraw } from "./weighted-draw.ts";

/** What sending one more request to a slot would cost; the lower one is taken. */
export type SlotCost = (slot: number, nowMs: number) => number;

/** Draws by weight, without allocating. Where costs tie the first one drawn is taken, so that a tie
 * favours nobody; where only one member is open it is taken whatever it costs. */
export function createPairPicker(
  members: Members,
  facts: EndpointFacts,
  random: Random,
  cost: SlotCost,
): Picker {
  const open = createWeightedDraw(members, facts, random);
  return {
    pick(request) {
      const one = open.draw(request, -1);
      if (one === -1) return -1;
      const other = open.draw(request, one);
      const slot = members[one]!;
      if (other === -1) return slot;
      const rival = members[other]!;
      return cost(rival, request.nowMs) < cost(slot, request.nowMs) ? rival : slot;
    },
  };
}
