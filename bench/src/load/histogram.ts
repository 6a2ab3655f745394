/**
 * A histogram of durations with a bounded relative error, after the idea of HdrHistogram: linear
 * steps within each power of two.
 *
 * Values are whole microseconds. Up to 128 us every value has its own bucket; above, a bucket is at
 * most 1/64 of its value wide. Recording is a few integer operations and allocates nothing.
 */

const SUB_BUCKETS = 64;
const SUB_BITS = 6;
const BUCKETS = (32 - SUB_BITS) * SUB_BUCKETS;

/** Counts of durations; starts empty. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;
  #maxUs = 0;

  /** How many values were recorded. */
  get total(): number {
    return this.#total;
  }

  /** The largest value, exactly; 0 when empty. */
  get maxUs(): number {
    return this.#maxUs;
  }

  /** Adds one duration; negative ones count as zero, those above 35 minutes as that. */
  record(us: number): void {
    const value = us <= 0 ? 0 : us >= 0x7fffffff ? 0x7fffffff : us | 0;
    const index = indexOf(value);
    this.#counts[index] = this.#counts[index]! + 1;
    this.#total++;
    if (value > this.#maxUs) this.#maxUs = value;
  }

  /** The upper edge of the bucket below which that share (0 to 1) of the values lies; NaN when
   * empty. */
  quantileUs(share: number): number {
    if (this.#total === 0) return Number.NaN;
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (let index = 0; index < BUCKETS; index++) {
      seen += this.#counts[index]!;
      if (seen >= wanted) return Math.min(upperEdge(index), this.#maxUs);
    }
    return this.#maxUs;
  }
}

function indexOf(value: number): number {
  // The shift that brings the value into 64..127, so that its lower bits choose the sub-bucket.
  const shift = Math.max(0, 31 - SUB_BITS - Math.clz32(value));
  return shift * SUB_BUCKETS + (value >>> shift);
}

function upperEdge(index: number): number {
  if (index < 2 * SUB_BUCKETS) return index;
  const shift = Math.floor(index / SUB_BUCKETS) - 1;
  return (index - shift * SUB_BUCKETS + 1) * 2 ** shift - 1;
}
