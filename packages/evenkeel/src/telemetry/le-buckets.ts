/** From the board's fine histogram to Prometheus' cumulative buckets. */
import { bucketCount, bucketEnd } from "../board/histogram.ts";

/** Upper bounds in microseconds: powers of two from 256 microseconds to 67 seconds, because these
 * are edges of the board's own buckets, so that every count is exact. */
const boundsUs = Array.from({ length: 19 }, (_, index) => 2 ** (8 + index));

/** The `le` bounds in seconds, rising, without `+Inf`. */
export const leSeconds: readonly number[] = boundsUs.map((us) => us / 1_000_000);

const lastBucketOf: readonly number[] = boundsUs.map((us) => {
  for (let bucket = 0; bucket < bucketCount; bucket++) if (bucketEnd(bucket) === us) return bucket;
  throw new Error(`${us} is no edge of the histogram`);
});

/** How many entries of a histogram row lie below each bound of `leSeconds`, then how many in all. */
export function cumulate(row: ArrayLike<number>): number[] {
  const counts: number[] = [];
  let total = 0;
  let bucket = 0;
  for (const last of lastBucketOf) {
    for (; bucket <= last; bucket++) total += row[bucket]!;
    counts.push(total);
  }
  for (; bucket < bucketCount; bucket++) total += row[bucket]!;
  counts.push(total);
  return counts;
}
