/**
 * A log-linear latency histogram over plain number rows (the idea of HdrHistogram, Gil Tene):
 * four buckets an octave, so a percentile is off by at most an eighth, from 1 microsecond to over
 * an hour.
 */

const SUB_BITS = 2;
const SUB_BUCKETS = 1 << SUB_BITS;
const OCTAVES = 32;

/** Buckets in one row. */
export const bucketCount = (OCTAVES - SUB_BITS + 1) * SUB_BUCKETS;

/** The bucket of a latency in microseconds; anything below zero counts as zero. */
export function bucketOf(us: number): number {
  const value = us < 1 ? 0 : us > 0x7fff_ffff ? 0x7fff_ffff : us | 0;
  if (value < SUB_BUCKETS) return value;
  const octave = 31 - Math.clz32(value);
  return (
    (octave - SUB_BITS + 1) * SUB_BUCKETS + ((value >> (octave - SUB_BITS)) & (SUB_BUCKETS - 1))
  );
}

/** The first latency, in microseconds, that no longer falls into `bucket`. */
export function bucketEnd(bucket: number): number {
  const next = bucket + 1;
  if (next <= SUB_BUCKETS) return next;
  const octave = Math.floor(next / SUB_BUCKETS) + SUB_BITS - 1;
  return (SUB_BUCKETS + (next % SUB_BUCKETS)) * 2 ** (octave - SUB_BITS);
}

/** The latency in microseconds below which `share` (0 to 1) of a row's entries lie: the middle of
 * its bucket; `undefined` for an empty row. `row` is read from `start`. */
export function percentile(row: ArrayLike<number>, share: number, start = 0): number | undefined {
  let total = 0;
  for (let at = 0; at < bucketCount; at++) total += row[start + at]!;
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil(total * share));
  for (let at = 0; at < bucketCount; at++) {
    left -= row[start + at]!;
    if (left <= 0) return ((at === 0 ? 0 : bucketEnd(at - 1)) + bucketEnd(at)) / 2;
  }
  return undefined;
}
