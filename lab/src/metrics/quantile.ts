/**
 * Quantiles of recorded latencies: exact, since every one is kept.
 */
import { latencyMs, type Recording } from "../client/recording.ts";

/** The smallest value that at least that share (0 to 1) of the sorted values does not exceed
 * (nearest rank); undefined for no values. */
export function quantile(sorted: Float64Array, share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Latencies of the requests due from `fromMs` until before `toMs`, ascending. */
export function sortedLatencies(recording: Recording, fromMs: number, toMs: number): Float64Array {
  const found: number[] = [];
  for (let index = 0; index < recording.capacity; index++) {
    const dueMs = recording.dueMs[index]!;
    if (dueMs >= fromMs && dueMs < toMs) found.push(latencyMs(recording, index));
  }
  return Float64Array.from(found).sort();
}
