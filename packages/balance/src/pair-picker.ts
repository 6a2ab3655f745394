/** The better of two members drawn at random: what two_choices and least_time share. */
import type { EndpointFacts, Members, Picker, Random } from "./policy.ts";
import { createWeightedDraw } from "./weighted-draw.ts";

/** What speaks against sending a request to a slot now; the lower one is taken. */
export type SlotCost = (slot: number, nowMs: number) => number;

/** Draws by weight, without allocating. Where costs tie the first one drawn is taken, so that members
 * with nothing between them are picked by weight; where only one member is open it is taken
 * whatever it costs. A rival above `clear` (0 to 1) of the first one's cost is only a little better,
 * and taken no more often than weights allow; 1: any lower cost counts in full. */
export function createPairPicker(
  members: Members,
  facts: EndpointFacts,
  random: Random,
  cost: SlotCost,
  clear = 1,
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
      const held = cost(slot, request.nowMs);
      const offered = cost(rival, request.nowMs);
      if (!(offered < held)) return slot;
      return offered <= held * clear || open.mayReplace(one, other) ? rival : slot;
    },
  };
}
