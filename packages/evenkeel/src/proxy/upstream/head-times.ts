/**
 * How long the answers' heads of one upstream took within the last five to ten seconds, in this
 * proxy: what a hedge by percentile waits. Attempts without an answer are not in it, so an endpoint
 * that hangs does not make the others' requests wait longer.
 */
import { bucketCount, bucketOf, percentile } from "../../board/histogram.ts";

/** Samples, one a second, after which the older half is forgotten. */
const SAMPLES = 5;
/** Fewer answers than that say nothing. */
const LEAST_ANSWERS = 20;

/** See the file's head. Empty at first. */
export class HeadTimes {
  #now = new Uint32Array(bucketCount);
  #before = new Uint32Array(bucketCount);
  #samples = 0;
  /** By the share asked for; found out once a sample. */
  readonly #known = new Map<number, number | undefined>();

  /** Takes one answer in, in microseconds from its attempt's start to its head. */
  record(us: number): void {
    this.#now[bucketOf(us)]!++;
  }

  /** Call once a second. */
  sample(): void {
    this.#known.clear();
    if (++this.#samples % SAMPLES > 0) return;
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#now.fill(0);
  }

  /** Milliseconds below which so many percent of the answers came, as of the last sample or the first
   * question after it; `undefined` where too few came. */
  percentileMs(percent: number): number | undefined {
    if (!this.#known.has(percent)) this.#known.set(percent, this.#read(percent));
    return this.#known.get(percent);
  }

  #read(percent: number): number | undefined {
    const both = this.#now.map((count, bucket) => count + this.#before[bucket]!);
    const answers = both.reduce((sum, count) => sum + count, 0);
    if (answers < LEAST_ANSWERS) return undefined;
    return percentile(both, percent / 100)! / 1000;
  }
}
