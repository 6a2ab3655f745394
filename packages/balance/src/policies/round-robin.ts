/**
 * Round robin: nginx's smooth weighted sequence, bit for bit, over all threads.
 *
 * Cost: O(n) a pick, which exactness demands (see smooth-weights.ts).
 */
import type { Policy } from "../policy.ts";
import { pickSmooth } from "../smooth-weights.ts";

/** Takes turns in proportion to the weights; with equal weights in configuration order. */
export function roundRobin(): Policy {
  return {
    exclusive: true,
    createPicker: (members, facts) => ({
      pick: (request) => pickSmooth(members, facts, request),
    }),
  };
}
