/** Durations as people write them: "250ms", "5s", "1m30s". */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMs;
const written = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** The longest duration a timer can wait: about 24.8 days. */
export const longestMs = 0x7fff_ffff;

/** Milliseconds, rounded; undefined for anything else than numbers with units (a lone 0 needs
 * none) and for more than `longestMs`. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!written.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * unitMs[unit as Unit];
  }
  return totalMs <= longestMs ? Math.round(totalMs) : undefined;
}

/** The shortest way to write it: 90000 is "1m30s", 0 is "0s". */
export function formatDuration(totalMs: number): string {
  if (totalMs === 0) return "0s";
  let left = totalMs;
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"] as const) {
    const count = Math.floor(left / unitMs[unit]);
    left -= count * unitMs[unit];
    if (count > 0) text += `${count}${unit}`;
  }
  return text;
}
