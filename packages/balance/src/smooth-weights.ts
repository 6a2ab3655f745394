/**
 * nginx's smooth weighted round robin over columns that threads may share.
 *
 * Each pick raises the running weight of every open member by its effective weight and takes their
 * sum off the chosen one, which spreads a heavy member's turns out: 5,1,1 gives a a b a c a a. The
 * running weights of all members change with every pick, so a pick is O(n); nothing shorter keeps
 * the sequence when members come, go, fail or are skipped, and when several threads share it.
 * Semantics: nginx, `ngx_http_upstream_get_peer` and `ngx_http_upstream_free_round_robin_peer`.
 */
import { isOpen } from "./open.ts";
import type { EndpointFacts, Members, PickRequest } from "./policy.ts";

/** Raises a slot's running weight by its effective weight, which is returned, and gives back one of
 * what failures took. A penalty above a weight that has shrunk since counts as all of the weight. */
export function gainWeight(facts: EndpointFacts, slot: number): number {
  const { weight, penalty, currentWeight } = facts;
  const effective = penalty[slot] === 0 ? weight[slot]! : payBack(weight, penalty, slot);
  currentWeight[slot] = currentWeight[slot]! + effective;
  return effective;
}

/** The effective weight of a slot with a penalty, one of which is then given back. */
function payBack(weight: Float64Array, penalty: Float64Array, slot: number): number {
  const full = weight[slot]!;
  const lost = Math.min(penalty[slot]!, full);
  penalty[slot] = Math.max(0, lost - 1);
  return full - lost;
}

/** One pick of the smooth sequence; the earliest member wins ties; -1 where none is open, and then
 * nothing was written. */
export function pickSmooth(members: Members, facts: EndpointFacts, request: PickRequest): number {
  const { currentWeight, weight, penalty } = facts;
  const allOpen = request.tried === undefined && request.closed === undefined;
  let best = -1;
  let bestWeight = -Infinity;
  let total = 0;
  for (let index = 0; index < members.length; index++) {
    const slot = members[index]!;
    if (!allOpen && !isOpen(request, slot)) continue;
    // The common case spelt out: this loop is the whole cost of a pick.
    const effective = penalty[slot] === 0 ? weight[slot]! : payBack(weight, penalty, slot);
    const running = currentWeight[slot]! + effective;
    currentWeight[slot] = running;
    total += effective;
    if (running > bestWeight) {
      best = slot;
      bestWeight = running;
    }
  }
  if (best !== -1) currentWeight[best] = bestWeight - total;
  return best;
}

/** A failed attempt takes the whole part of weight / maxFails off a slot's effective weight, never
 * below zero; `maxFails` 0 turns accounting off. It comes back by one a pick. */
export function penalize(
  facts: Pick<EndpointFacts, "weight" | "penalty">,
  slot: number,
  maxFails: number,
): void {
  if (maxFails <= 0) return;
  const weight = facts.weight[slot]!;
  const lost = facts.penalty[slot]! + Math.floor(weight / maxFails);
  facts.penalty[slot] = Math.min(weight, lost);
}
