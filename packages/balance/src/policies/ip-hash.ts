/**
 * IP hash: a client's network always goes to the same member, bit for bit as nginx's ip_hash.
 *
 * The address's octets fold into a number below 6271, which the weights share out among all
 * configured endpoints. One that is tried, closed or not eligible makes the number fold on; after 20
 * such tries round robin decides. Cost: O(1) a pick; only that fallback is O(n).
 */
import { readAddressOctets } from "../hash/address-octets.ts";
import { isOpen } from "../open.ts";
import type { EndpointFacts, Members, PickRequest, Policy } from "../policy.ts";
import { pickSmooth } from "../smooth-weights.ts";

const START = 89;
const FACTOR = 113;
const RANGE = 6271;
const MAX_TRIES = 20;

/** Settings of `ipHash`. */
export interface IpHashSettings {
  /** All endpoints of the group but its backups, eligible or not, with their configured weights, in
   * configuration order. Those that are no members now keep their clients' place (nginx's `down`),
   * so that an ejection moves nobody else's clients. Without it the members alone share the range,
   * and any change of membership moves most clients. */
  readonly places?: readonly { readonly slot: number; readonly weight: number }[];
}

/** The key is the client's address; a key that is no IP address counts as 0.0.0. */
export function ipHash({ places }: IpHashSettings = {}): Policy {
  return {
    exclusive: true,
    createPicker(members, facts) {
      const shares = sharesOf(members, facts, places);
      const slots = shareRange(shares);
      const octets = new Uint8Array(16);
      return {
        pick(request) {
          const slot = shares.length < 2 ? -1 : pickHashed(slots, octets, request);
          return slot === -1 ? pickSmooth(members, facts, request) : slot;
        },
      };
    },
  };
}

interface Share {
  /** -1 for an endpoint that is no member now. */
  readonly slot: number;
  /** Whole, as nginx's weights are. */
  readonly weight: number;
}

function sharesOf(
  members: Members,
  facts: EndpointFacts,
  places: IpHashSettings["places"],
): Share[] {
  const eligible = new Set(members);
  const configured = places?.some(({ slot }) => eligible.has(slot)) ? places : undefined;
  const shares = configured ?? members.map((slot) => ({ slot, weight: facts.weight[slot]! }));
  return shares.map(({ slot, weight }) => ({
    slot: eligible.has(slot) ? slot : -1,
    weight: weight > 0 ? Math.max(1, Math.round(weight)) : 0,
  }));
}

/** Which slot each number below `RANGE` belongs to; -1 where it is no member now. */
function shareRange(shares: readonly Share[]): Int32Array {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const slots = new Int32Array(RANGE).fill(-1);
  let start = 0;
  for (const { slot, weight } of shares) {
    const end = Math.min(RANGE, start + weight);
    for (let place = start; place < end; place++) slots[place] = slot;
    start = end;
  }
  if (total === 0) return slots;
  // Numbers past the sum of the weights begin again at the first endpoint.
  for (let place = total; place < RANGE; place++) slots[place] = slots[place % total]!;
  return slots;
}

/** -1 where too many tries hit members that are not open. */
function pickHashed(slots: Int32Array, octets: Uint8Array, request: PickRequest): number {
  const count = readAddressOctets(request.key, octets);
  let hash = START;
  let tries = 0;
  /** Tried slots met so far, as bits. nginx goes on where the last attempt stopped, so meeting the
   * slot that an attempt was sent to costs no try; meeting it again does. */
  let met = 0;
  while (tries <= MAX_TRIES) {
    for (let index = 0; index < count; index++) hash = (hash * FACTOR + octets[index]!) % RANGE;
    const slot = slots[hash]!;
    if (slot !== -1 && isOpen(request, slot)) return slot;
    const bit = request.tried === undefined ? 0 : attemptBit(request.tried, slot);
    if (bit === 0 || (met & bit) !== 0) tries++;
    met |= bit;
  }
  return -1;
}

/** One bit per attempt; 0 for a slot that none was sent to. Attempts past the 31st have none. */
function attemptBit(tried: readonly number[], slot: number): number {
  const attempt = tried.indexOf(slot);
  return attempt === -1 || attempt > 30 ? 0 : 1 << attempt;
}
