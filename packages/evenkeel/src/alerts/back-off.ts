/** How long to wait before the next try. */

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** A message that could not be delivered for so long is given up. */
export const GIVE_UP_AFTER_MS = 600_000;

/** Doubles from 1 s to 60 s; the random half of it keeps many from trying as one. `asked` is what the
 * receiver wants, and is kept as long as it is not longer than `GIVE_UP_AFTER_MS`. */
export function backOff(attempts: number, random: number, askedMs: number | undefined): number {
  const fullMs = Math.min(FIRST_MS * 2 ** Math.min(attempts - 1, 16), LONGEST_MS);
  const ownMs = Math.round(fullMs / 2 + (fullMs / 2) * random);
  return Math.max(ownMs, Math.min(askedMs ?? 0, GIVE_UP_AFTER_MS));
}
