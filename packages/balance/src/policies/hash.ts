/**
 * Hash: one key, one endpoint, and little movement when endpoints come or go.
 *
 * Maglev has the evenest shares and the cheapest look-up; ketama places keys exactly as nginx's
 * `hash … consistent`. A member that is tried, closed or above its bound passes the key on to the
 * next place, so that one endpoint's keys spread over all others. Bounded load: no member gets a
 * request that would put it above the given percentage of its fair share of the requests in flight,
 * this one included (Mirrokni and others, 2016). Cost: Maglev O(1), ketama O(log p) for p points; the
 * bound adds up what is in flight, O(n), where a key's endpoint is not idle; what no walk of 21 places
 * settles is O(n).
 */
import type { HashTable } from "../hash/hash-table.ts";
import { buildKetama } from "../hash/ketama.ts";
import { buildMaglev, maglevSize } from "../hash/maglev.ts";
import { isOpen } from "../open.ts";
import type { EndpointFacts, Members, Picker, PickRequest, Policy, Random } from "../policy.ts";
import { pickSmooth } from "../smooth-weights.ts";

/** Settings of `hash`. */
export interface HashSettings {
  readonly algorithm: "maglev" | "ketama";
  /** Percent of the fair share, 100 or more (less counts as 100); 0 turns the bound off. */
  readonly boundedLoadPercent: number;
  /** The endpoint's name as configured (`host:port`): keys follow names, so that they stay where
   * they are over restarts and between balancers. Distinct; asked only while a picker is built. */
  readonly nameOf: (slot: number) => string;
  /** How many endpoints the group has, eligible or not. It sizes Maglev's table, which must not
   * change with an ejection; the members' number where it is left out. */
  readonly groupSize?: number;
}

/** nginx examines the key's own place and this many more. */
const MAX_TRIES = 20;
/** Stands for a weight of zero, which no table can hold. */
const LEAST_WEIGHT = 1e-6;

/** Requests with an empty key go anywhere: at random, with unbounded ketama by round robin as in
 * nginx. Exclusive where it counts (bounded) or may have to fall back to round robin (ketama). */
export function hash(settings: HashSettings): Policy {
  const { algorithm, boundedLoadPercent } = settings;
  return {
    exclusive: algorithm === "ketama" || boundedLoadPercent > 0,
    createPicker(members, facts, random) {
      const table = buildTable(settings, members, facts);
      if (boundedLoadPercent > 0) return createBounded(settings, table, members, facts, random);
      return algorithm === "ketama"
        ? createNginxWalk(table, members, facts)
        : createWalk(table, members, random);
    },
  };
}

function buildTable(settings: HashSettings, members: Members, facts: EndpointFacts): HashTable {
  const names = members.map(settings.nameOf);
  const weights = Float64Array.from(members, (slot) => Math.max(LEAST_WEIGHT, facts.weight[slot]!));
  if (settings.algorithm === "ketama") return buildKetama(names, weights);
  const groupSize = Math.max(members.length, settings.groupSize ?? 0);
  return buildMaglev(names, weights, maglevSize(groupSize));
}

function createWalk(table: HashTable, members: Members, random: Random): Picker {
  return {
    pick(request) {
      const start = placeOf(table, request, random);
      for (let step = 0; step <= MAX_TRIES; step++) {
        const slot = members[table.ownerAt(start + step)]!;
        if (isOpen(request, slot)) return slot;
      }
      const from = table.ownerAt(start);
      for (let step = 0; step < members.length; step++) {
        const slot = members[(from + step) % members.length]!;
        if (isOpen(request, slot)) return slot;
      }
      return -1;
    },
  };
}

function createNginxWalk(table: HashTable, members: Members, facts: EndpointFacts): Picker {
  return {
    pick(request) {
      if (request.key === "" || members.length < 2) return pickSmooth(members, facts, request);
      const start = table.placeOf(request.key);
      for (let step = 0; step <= MAX_TRIES; step++) {
        const slot = members[table.ownerAt(start + step)]!;
        if (!isOpen(request, slot)) continue;
        regainOne(facts, slot);
        return slot;
      }
      return pickSmooth(members, facts, request);
    },
  };
}

/** In nginx each name takes its turn alone, so all that remains of the turn is this. */
function regainOne(facts: EndpointFacts, slot: number): void {
  const penalty = facts.penalty[slot]!;
  if (penalty > 0) facts.penalty[slot] = Math.max(0, penalty - 1);
}

function createBounded(
  settings: HashSettings,
  table: HashTable,
  members: Members,
  facts: EndpointFacts,
  random: Random,
): Picker {
  const { inFlight, weight } = facts;
  const factor = Math.max(100, settings.boundedLoadPercent) / 100;
  const totalWeight = members.reduce((sum, slot) => sum + weight[slot]!, 0);
  /** What a member may have per unit of weight once this request is there too. */
  const bound = (): number => (factor * (sumInFlight(members, inFlight) + 1)) / totalWeight;

  return {
    pick(request) {
      const start = placeOf(table, request, random);
      let perWeight = 0;
      for (let step = 0; step <= MAX_TRIES; step++) {
        const slot = members[table.ownerAt(start + step)]!;
        const load = inFlight[slot]!;
        // One request is within every bound, so the idle need no sum.
        if (load > 0) {
          if (perWeight === 0) perWeight = bound();
          if (load >= Math.ceil(perWeight * weight[slot]!)) continue;
        }
        if (isOpen(request, slot)) return slot;
      }
      return leastOver(members, facts, request, table.ownerAt(start), perWeight || bound());
    },
  };
}

/** The first open member within its bound, looking round from `from`; the first open one at all
 * where tried and closed members leave none. */
function leastOver(
  members: Members,
  facts: EndpointFacts,
  request: PickRequest,
  from: number,
  perWeight: number,
): number {
  let spare = -1;
  for (let step = 0; step < members.length; step++) {
    const slot = members[(from + step) % members.length]!;
    if (!isOpen(request, slot)) continue;
    if (facts.inFlight[slot]! < Math.ceil(perWeight * facts.weight[slot]!)) return slot;
    if (spare === -1) spare = slot;
  }
  return spare;
}

function sumInFlight(members: Members, inFlight: Int32Array): number {
  let sum = 0;
  for (let index = 0; index < members.length; index++) sum += inFlight[members[index]!]!;
  return sum;
}

function placeOf(table: HashTable, request: PickRequest, random: Random): number {
  return request.key === "" ? Math.floor(random() * table.size) : table.placeOf(request.key);
}
