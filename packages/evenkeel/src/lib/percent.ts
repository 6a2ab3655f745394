/** Percentages as people write them: "50%", "12.5%". A bare number is refused: 0.5 and 50 would
 * both be understood, and differently. */
export function parsePercent(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s?%$/.exec(text);
  return found ? Number(found[1]) : undefined;
}
