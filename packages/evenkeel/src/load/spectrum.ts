/** The percentile spectrum: how long the slowest 10 %, 1 %, 0.1 % … took at least. */
import { type LatencyHistogram, percentileUs } from "./latency-histogram.ts";

const ticksPerHalving = 4;

/** Percentiles whose distance to 100 halves every few, as far as so many values can tell; 100 at
 * the end. */
export function spectrumPercentiles(mostValues: number): number[] {
  const percentiles: number[] = [];
  for (let tick = 0; ; tick++) {
    const rest = 100 / 2 ** (tick / ticksPerHalving);
    if (rest * mostValues < 100) return [...percentiles, 100];
    percentiles.push(Number((100 - rest).toFixed(6)));
  }
}

/** The latency at each in milliseconds; undefined beyond what the number of values can tell. */
export function spectrumOf(
  histogram: LatencyHistogram,
  percentiles: readonly number[],
): (number | undefined)[] {
  const values = histogram.totalCount;
  return percentiles.map((percentile) => {
    if (values === 0) return undefined;
    if (percentile < 100 && (100 - percentile) * values < 100) return undefined;
    return percentileUs(histogram, percentile) / 1_000;
  });
}
