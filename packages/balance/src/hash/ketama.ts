/**
 * Ketama consistent hashing as nginx's `hash … consistent` and Cache::Memcached::Fast have it.
 *
 * Each endpoint puts 160 points per unit of weight on a ring of 32-bit numbers: a chain of CRC-32s
 * that begins with its host, a zero byte and its port. A key belongs to the first point at or above
 * its own CRC-32. A look-up is a binary search; building costs O(p log p) for p points.
 */
import { CRC32_START, crc32, finishCrc32, updateCrc32, updateCrc32Text } from "./crc32.ts";
import type { HashTable } from "./hash-table.ts";

const POINTS_PER_WEIGHT = 160;
/** As many points nginx's ring may have here, which is a total weight of 13,107. Beyond it all
 * weights are scaled down alike to fewer points, since neither the memory nor the time to sort them
 * is worth it; then the ring is no longer nginx's. */
const MAX_POINTS = 1 << 21;
const SCALED_POINTS = 1 << 20;
/** Endpoint indexes fit below it, so that a point and its owner sort as one exact number. */
const OWNER_RANGE = 1 << 21;

/** Builds the ring for endpoints named as nginx's `server` lines would (`host:port`, `host` or
 * `unix:path`). A fractional weight gets its share of points; everybody gets one at least. */
export function buildKetama(names: readonly string[], weights: ArrayLike<number>): HashTable {
  const packed = collectPoints(names, pointCounts(names.length, weights)).sort();
  const points = new Uint32Array(packed.length);
  const owners = new Int32Array(packed.length);
  let size = 0;
  for (const point of packed) {
    const hash = Math.floor(point / OWNER_RANGE);
    // Where endpoints collide on one point, the earliest keeps it.
    if (size > 0 && points[size - 1] === hash) continue;
    points[size] = hash;
    owners[size++] = point % OWNER_RANGE;
  }
  return {
    size,
    placeOf: (key) => findPoint(points, size, crc32(key)),
    ownerAt: (place) => owners[place % size]!,
  };
}

function pointCounts(count: number, weights: ArrayLike<number>): Float64Array {
  let total = 0;
  for (let index = 0; index < count; index++) total += weights[index]! * POINTS_PER_WEIGHT;
  const scale = total > MAX_POINTS ? SCALED_POINTS / total : 1;
  return Float64Array.from({ length: count }, (_, index) =>
    Math.max(1, Math.round(weights[index]! * POINTS_PER_WEIGHT * scale)),
  );
}

function collectPoints(names: readonly string[], counts: Float64Array): Float64Array {
  const packed = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const [index, name] of names.entries()) {
    const base = hashName(name);
    let previous = 0;
    for (let point = 0; point < counts[index]!; point++) {
      let crc = base;
      for (let shift = 0; shift < 32; shift += 8)
        crc = updateCrc32(crc, (previous >>> shift) & 255);
      previous = finishCrc32(crc);
      packed[at++] = previous * OWNER_RANGE + index;
    }
  }
  return packed;
}

/** The running CRC of host, zero byte, port. What follows the last colon is the port if it is made
 * of digits alone; a Unix socket has none. */
function hashName(name: string): number {
  const isUnix = name.slice(0, 5).toLowerCase() === "unix:";
  const port = isUnix ? undefined : /:(\d*)$/.exec(name)?.[1];
  const rest = isUnix ? name.slice(5) : name;
  const host = port === undefined ? rest : rest.slice(0, rest.length - port.length - 1);
  const crc = updateCrc32(updateCrc32Text(CRC32_START, host), 0);
  return updateCrc32Text(crc, port ?? "");
}

/** The first point at or above `hash`; `size` where there is none, which is the ring's start. */
function findPoint(points: Uint32Array, size: number, hash: number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
