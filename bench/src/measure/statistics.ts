/**
 * The few numbers that sum up repeated measurements.
 */

/** The middle value (the mean of the two middle ones); NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Largest minus smallest as a share of the median; 0 of fewer than two. */
export function spread(values: readonly number[]): number {
  if (values.length < 2) return 0;
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/** The median of the ratios within each round: what drifts between rounds cancels out. */
export function pairedRatio(values: readonly number[], against: readonly number[]): number {
  const ratios = values.slice(0, against.length).map((value, round) => value / against[round]!);
  return median(ratios);
}
