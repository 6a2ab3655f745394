/**
 * Strings of octets that were seen lately. Hosts and targets come again and again: the string that
 * was made of one before costs a comparison, and the maps it is looked up in know its hash.
 */
import { startsWith } from "./ascii.ts";
import { latin1 } from "./latin1.ts";

const SLOTS = 256;
/** Longer ones are made anew each time, so that no client can have much kept. */
const LONGEST = 64;

/** At most 256 strings of 64 characters, each in the one place that its octets lead to. */
export class RecentTexts {
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** bytes[start, end) as a string, each octet a character. */
  of(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0 || length > LONGEST) return latin1(bytes, start, end);
    const slot = slotOf(bytes, start, length);
    const known = this.#texts[slot]!;
    if (known.length === length && startsWith(bytes, start, known)) return known;
    const text = latin1(bytes, start, end);
    this.#texts[slot] = text;
    return text;
  }
}

/** Targets of one service differ at their ends, hosts at their beginnings. */
function slotOf(bytes: Buffer, start: number, length: number): number {
  const last = start + length - 1;
  const middle = start + (length >> 1);
  const mixed =
    bytes[start]! +
    bytes[middle]! * 7 +
    bytes[last]! * 31 +
    bytes[last - (length > 1 ? 1 : 0)]! * 131;
  return (mixed + length * 17) % SLOTS;
}
