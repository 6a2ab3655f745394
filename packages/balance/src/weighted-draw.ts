/**
 * Drawing open members at random in proportion to their weights.
 *
 * Running sums and a binary search: O(log n), and unlike an alias table they also allow an exact
 * draw of a second, different member. Equal weights need no search: O(1). Tried and closed members
 * are drawn again; only where most are closed does a scan over all finish the draw, with the same
 * probabilities.
 */
import { isOpen } from "./open.ts";
import type { EndpointFacts, Members, PickRequest, Random } from "./policy.ts";

/** Draws before the scan. With half of all members closed, one pick in 256 gets there. */
const DRAWS = 8;

/** Draws from one membership with the weights it had when this was made. */
export interface WeightedDraw {
  /** The index of an open member other than the one at `except` (-1 excludes none); -1 where there
   * is no such member. */
  draw(request: PickRequest, except: number): number;
  /** Whether the second one drawn may take the first one's place this time. A light member is the
   * second one drawn more often than its weight says; with this, pairs in which either is as likely
   * to win come out by weight (the acceptance rule of Hastings, 1970). Equal weights: always. */
  mayReplace(first: number, second: number): boolean;
}

/** Weights that are all zero count as equal. */
export function createWeightedDraw(
  members: Members,
  facts: EndpointFacts,
  random: Random,
): WeightedDraw {
  const count = members.length;
  const weights = Float64Array.from(members, (slot) => facts.weight[slot]!);
  if (weights.every((weight) => weight === 0)) weights.fill(1);
  const equal = weights.every((weight) => weight === weights[0]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const drawAny = equal ? createEvenDraw(count, random) : createUnevenDraw(weights, random);

  return {
    draw(request, except) {
      if (except !== -1 && count === 1) return -1;
      for (let attempt = 0; attempt < DRAWS; attempt++) {
        const index = drawAny(except);
        if (isOpen(request, members[index]!)) return index;
      }
      return scan(members, weights, request, except, random());
    },
    mayReplace(first, second) {
      const held = weights[first]!;
      const offered = weights[second]!;
      return held <= offered || random() * (total - offered) < total - held;
    },
  };
}

function createEvenDraw(count: number, random: Random): (except: number) => number {
  return (except) => {
    if (except === -1) return Math.floor(random() * count);
    const index = Math.floor(random() * (count - 1));
    return index < except ? index : index + 1;
  };
}

function createUnevenDraw(weights: Float64Array, random: Random): (except: number) => number {
  const count = weights.length;
  /** Entry i: the sum of all weights before i; one more entry with the sum of all. */
  const sums = new Float64Array(count + 1);
  for (let index = 0; index < count; index++) sums[index + 1] = sums[index]! + weights[index]!;

  return (except) => {
    if (except === -1) return findShare(sums, random() * sums[count]!);
    const start = sums[except]!;
    const width = sums[except + 1]! - start;
    const place = random() * (sums[count]! - width);
    const index = findShare(sums, place < start ? place : place + width);
    // Rounding at the edge of the cut out share, or a lone member that has any weight.
    return index === except ? (except + 1) % count : index;
  };
}

/** The index whose share of the line from 0 to the sum of all holds `place`. */
function findShare(sums: Float64Array, place: number): number {
  let low = 0;
  let high = sums.length - 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (place < sums[middle + 1]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

function scan(
  members: Members,
  weights: Float64Array,
  request: PickRequest,
  except: number,
  uniform: number,
): number {
  let total = 0;
  for (let index = 0; index < members.length; index++) {
    if (index !== except && isOpen(request, members[index]!)) total += weights[index]!;
  }
  let left = uniform * total;
  let last = -1;
  for (let index = 0; index < members.length; index++) {
    if (index === except || !isOpen(request, members[index]!)) continue;
    last = index;
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return last;
}
