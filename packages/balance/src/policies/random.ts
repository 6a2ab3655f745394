/** Random: every open member with a probability in proportion to its weight. */
import type { Policy } from "../policy.ts";
import { createWeightedDraw } from "../weighted-draw.ts";

/** Keeps no memory. Cost: O(1) with equal weights, else O(log n) (see weighted-draw.ts). */
export function random(): Policy {
  return {
    exclusive: false,
    createPicker(members, facts, random) {
      const open = createWeightedDraw(members, facts, random);
      return {
        pick(request) {
          const index = open.draw(request, -1);
          return index === -1 ? -1 : members[index]!;
        },
      };
    },
  };
}
