/**
 * Maglev hashing: a table of prime size that members fill in turns, each by a permutation of its
 * own (Eisenbud and others, NSDI 2016).
 *
 * A look-up is one hash and one load. A change of membership moves little more than the places of
 * those that came or went, and shares differ by about 1 % (size is at least 100 times the members).
 * With weights a member's turns come in proportion; everybody gets at least one place. Members fill
 * in the order of their names, so that the order they are listed in does not matter. Building costs
 * O(size), with the load factor's usual log for the last free places.
 */
import type { HashTable } from "./hash-table.ts";
import { hashString } from "./string-hash.ts";

/** Primes, each the next one above a power of two; the last serves more members with less even
 * shares. */
const SIZES = [65_537, 131_101, 262_147, 524_309, 1_048_583, 2_097_169] as const;
const PLACES_PER_MEMBER = 100;

const KEY_SEED = 0;
const OFFSET_SEED = 0x6f666673;
const SKIP_SEED = 0x736b6970;

/** The table size for up to that many members. */
export function maglevSize(members: number): number {
  return SIZES.find((size) => size >= members * PLACES_PER_MEMBER) ?? SIZES.at(-1)!;
}

/** Builds a table for distinct names and as many weights above zero; `size` is a prime above the
 * number of names. */
export function buildMaglev(
  names: readonly string[],
  weights: ArrayLike<number>,
  size: number,
): HashTable {
  const order = names.map((_, index) => index);
  order.sort((one, other) => (names[one]! < names[other]! ? -1 : 1));
  const owners = fill(names, weights, size, order);
  return {
    size,
    placeOf: (key) => hashString(key, KEY_SEED) % size,
    ownerAt: (place) => owners[place % size]!,
  };
}

function fill(
  names: readonly string[],
  weights: ArrayLike<number>,
  size: number,
  order: readonly number[],
): Int32Array {
  const claim = createClaims(names, size);
  const heaviest = order.reduce((most, index) => Math.max(most, weights[index]!), 0);
  if (order.every((index) => weights[index] === heaviest)) {
    // Everybody is due in every round.
    for (let filled = 0, turn = 0; filled < size; filled++) {
      claim.next(order[turn]!);
      if (++turn === order.length) turn = 0;
    }
    return claim.owners;
  }
  const turns = createTurns(names.length, size);
  for (const index of order) turns.schedule(index, 0);
  const taken = new Float64Array(names.length);
  for (let filled = 0; filled < size; filled++) {
    const index = turns.next();
    claim.next(index);
    const turn = taken[index]! + 1;
    taken[index] = turn;
    turns.schedule(index, Math.floor((turn * heaviest) / weights[index]!));
  }
  return claim.owners;
}

/** The places, and each member's way through them. Which are taken is looked up in single bits:
 * nearly all of the time goes into that, and so few bytes stay in the processor's cache. */
function createClaims(names: readonly string[], size: number) {
  const owners = new Int32Array(size);
  const isTaken = new Int32Array((size >>> 5) + 1);
  const position = Int32Array.from(names, (name) => hashString(name, OFFSET_SEED) % size);
  const skip = Int32Array.from(names, (name) => (hashString(name, SKIP_SEED) % (size - 1)) + 1);
  return {
    owners,
    /** Gives a member the next free place on its way; there must be one. */
    next(index: number): void {
      const step = skip[index]!;
      let place = position[index]!;
      while ((isTaken[place >>> 5]! & (1 << place)) !== 0) {
        place += step;
        if (place >= size) place -= size;
      }
      isTaken[place >>> 5]! |= 1 << place;
      owners[place] = index;
      position[index] = place;
    },
  };
}

/** A calendar of rounds. The heaviest member is due in every round, the others as often as their
 * weight says; whoever is not due costs nothing. */
function createTurns(count: number, rounds: number) {
  const heads = new Int32Array(rounds + 1).fill(-1);
  const tails = new Int32Array(rounds + 1).fill(-1);
  const following = new Int32Array(count);
  let round = 0;
  return {
    /** Rounds past the last are never reached and therefore dropped. */
    schedule(index: number, due: number): void {
      if (due > rounds) return;
      following[index] = -1;
      const tail = tails[due]!;
      if (tail === -1) heads[due] = index;
      else following[tail] = index;
      tails[due] = index;
    },
    next(): number {
      while (heads[round] === -1) round++;
      const index = heads[round]!;
      heads[round] = following[index]!;
      if (heads[round] === -1) tails[round] = -1;
      return index;
    },
  };
}
