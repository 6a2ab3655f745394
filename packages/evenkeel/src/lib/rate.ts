/** Rates as people write them: "100/s", "1000/m", "5/h". */

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** Events per second, above zero and maybe fractional; undefined for anything else. */
export function parseRate(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s?\/\s?(s|m|h)$/.exec(text);
  if (!found) return undefined;
  const perSecond = Number(found[1]) / unitSeconds[found[2]!]!;
  return perSecond > 0 ? perSecond : undefined;
}
