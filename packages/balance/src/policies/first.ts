/** First: all traffic to the earliest member, the next only while those before it are closed. */
import { isOpen } from "../open.ts";
import type { Policy } from "../policy.ts";

/** Configuration order, weights ignored. Cost: one look per tried or closed member in front. */
export function first(): Policy {
  return {
    exclusive: false,
    createPicker: (members) => ({
      pick(request) {
        for (let index = 0; index < members.length; index++) {
          const slot = members[index]!;
          if (isOpen(request, slot)) return slot;
        }
        return -1;
      },
    }),
  };
}
