/** Slow start: building up the traffic of an endpoint that is new or came back. */

/** The factor on its weight, `minPercent` / 100 to 1, linear over the window. Before the start it
 * is the least; a window of 0 is over at once. */
export function rampFactor(elapsedMs: number, windowMs: number, minPercent: number): number {
  if (elapsedMs >= windowMs) return 1;
  const least = Math.min(100, Math.max(0, minPercent)) / 100;
  return least + (1 - least) * (Math.max(0, elapsedMs) / windowMs);
}
