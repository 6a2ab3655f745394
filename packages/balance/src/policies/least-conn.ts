/**
 * Least connections: the member with the fewest requests in flight for its weight.
 *
 * Ties take turns by the smooth weighted sequence among the tied, exactly as nginx's least_conn
 * module does, the walk starting at the first of them. Cost: O(n), one or two passes; counts change
 * in other threads between picks, so no order kept from the last pick would still be true.
 */
import { isOpen } from "../open.ts";
import type { EndpointFacts, Members, PickRequest, Policy } from "../policy.ts";
import { gainWeight } from "../smooth-weights.ts";

/** Compares requests in flight divided by weight over all threads. */
export function leastConn(): Policy {
  return {
    exclusive: true,
    createPicker: (members, facts) => ({
      pick: (request) => pickLeast(members, facts, request),
    }),
  };
}

function pickLeast(members: Members, facts: EndpointFacts, request: PickRequest): number {
  const { inFlight, weight } = facts;
  let best = -1;
  let bestIndex = 0;
  let tied = false;
  for (let index = 0; index < members.length; index++) {
    const slot = members[index]!;
    if (!isOpen(request, slot)) continue;
    if (best === -1) {
      best = slot;
      bestIndex = index;
      continue;
    }
    // Multiplied out, so that equal loads compare equal without rounding.
    const load = inFlight[slot]! * weight[best]!;
    const bestLoad = inFlight[best]! * weight[slot]!;
    if (load > bestLoad) continue;
    tied = load === bestLoad;
    if (tied) continue;
    best = slot;
    bestIndex = index;
  }
  return tied ? takeTurns(members, facts, request, bestIndex) : best;
}

/** Smooth round robin among the members as loaded as the one at `from`, which is the first. */
function takeTurns(
  members: Members,
  facts: EndpointFacts,
  request: PickRequest,
  from: number,
): number {
  const { inFlight, weight, currentWeight } = facts;
  const least = members[from]!;
  let best = least;
  let total = 0;
  for (let index = from; index < members.length; index++) {
    const slot = members[index]!;
    if (inFlight[slot]! * weight[least]! !== inFlight[least]! * weight[slot]!) continue;
    if (!isOpen(request, slot)) continue;
    total += gainWeight(facts, slot);
    if (currentWeight[slot]! > currentWeight[best]!) best = slot;
  }
  currentWeight[best] = currentWeight[best]! - total;
  return best;
}
