/**
 * Four octets at a time: finding the first octet of a kind in a word without a loop over its octets
 * (Warren, Hacker's Delight, 2nd ed., section 6-1). Headers are mostly octets that need no closer
 * look, and these pass at a quarter of the cost.
 *
 * Words are read with the first octet lowest. Of the bits that the tests set, those above the lowest
 * may be wrong, so only the lowest counts.
 */

/** The top bit of every octet. */
const TOPS = 0x80808080 | 0;
const ONES = 0x01010101;
const SPACES = 0x20202020;
const EXCLAMATIONS = 0x21212121;
const HASHES = 0x23232323;
const PERCENTS = 0x25252525;
const COLONS = 0x3a3a3a3a;
const DELETES = 0x7f7f7f7f;

/** How many octets of the word are before the one whose top bit is the lowest bit set in `bits`. */
function octetsBefore(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >> 3;
}

/** The first position in [at, end) of an octet that is not simply part of a value: a control
 * character, a tab among them, or DEL. Up to three octets before `end` may be left unseen. */
export function skipValue(view: DataView, at: number, end: number): number {
  let position = at;
  for (const last = end - 4; position <= last; position += 4) {
    const word = view.getInt32(position, true);
    const notDelete = word ^ DELETES;
    const bits = (((word - SPACES) & ~word) | ((notDelete - ONES) & ~notDelete)) & TOPS;
    if (bits !== 0) return position + octetsBefore(bits);
  }
  return position;
}

/** The first position in [at, end) of an octet that is not simply part of a target: control
 * characters, the space, "%", "#", and all above "~". Up to three octets before `end` may be left
 * unseen. */
export function skipTarget(view: DataView, at: number, end: number): number {
  let position = at;
  for (const last = end - 4; position <= last; position += 4) {
    const word = view.getInt32(position, true);
    const notHash = word ^ HASHES;
    const notPercent = word ^ PERCENTS;
    const notDelete = word ^ DELETES;
    const bits =
      (word - EXCLAMATIONS) |
      word |
      ((notHash - ONES) & ~notHash) |
      ((notPercent - ONES) & ~notPercent) |
      ((notDelete - ONES) & ~notDelete);
    if ((bits & TOPS) !== 0) return position + octetsBefore(bits & TOPS);
  }
  return position;
}

/** The position of the first colon in [at, end); `end` where there is none. */
export function findColon(view: DataView, at: number, end: number): number {
  let position = at;
  for (const last = end - 4; position <= last; position += 4) {
    const difference = view.getInt32(position, true) ^ COLONS;
    const bits = (difference - ONES) & ~difference & TOPS;
    if (bits !== 0) return position + octetsBefore(bits);
  }
  while (position < end && view.getUint8(position) !== 0x3a) position++;
  return position;
}

/** The word that four characters make. */
export function wordOf(four: string): number {
  return Buffer.from(four, "latin1").readInt32LE();
}

const HTTP = wordOf("HTTP");
const SLASH_1_1 = wordOf("/1.1");

/** Whether "HTTP/1.1" stands at `at`; eight octets must be there. */
export function isHttp11(view: DataView, at: number): boolean {
  return view.getInt32(at, true) === HTTP && view.getInt32(at + 4, true) === SLASH_1_1;
}

/** A text of up to 32 characters, to be compared with octets word by word. */
export interface WordPattern {
  /** Eight of each: the bits of a word that count, those that are set before comparing, the result. */
  readonly and: Int32Array;
  readonly or: Int32Array;
  readonly expected: Int32Array;
}

/** The pattern of a lower-case text, which matches it in any case. Only letters are folded. */
export function wordPattern(lowerCase: string): WordPattern {
  const [and, or, expected] = [new Uint8Array(32), new Uint8Array(32), new Uint8Array(32)];
  for (let at = 0; at < lowerCase.length; at++) {
    and[at] = 0xff;
    or[at] = /[a-z]/.test(lowerCase[at]!) ? 0x20 : 0;
    expected[at] = lowerCase.charCodeAt(at);
  }
  return { and: toWords(and), or: toWords(or), expected: toWords(expected) };
}

function toWords(octets: Uint8Array): Int32Array {
  const view = new DataView(octets.buffer);
  return Int32Array.from({ length: 8 }, (_, word) => view.getInt32(word * 4, true));
}
