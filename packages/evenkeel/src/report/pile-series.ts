/** Stacked bars: each stands on those before it. */
import type { Series } from "./page.ts";

/** The top of each series' bars: for `stacked` ones the sum with the stacked series of the same axis
 * before it, undefined where it has no value itself; others are returned as they are. */
export function pileSeries(series: readonly Series[]): (readonly (number | undefined)[])[] {
  const heights = { left: [] as number[], right: [] as number[] };
  return series.map(({ style, axis, values }) => {
    if (style !== "stacked") return values;
    const height = heights[axis];
    return values.map((value, index) => {
      if (value === undefined || !Number.isFinite(value)) return undefined;
      return (height[index] = (height[index] ?? 0) + value);
    });
  });
}
