/** Comparisons on parts of a head's octets without cutting them out. */

/** Whether bytes[start, end) is `lowerCase` in any case. Only ASCII letters are folded. */
export function equalsIgnoringCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerCase: string,
): boolean {
  if (end - start !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    if (folded(bytes[start + i]!) !== lowerCase.charCodeAt(i)) return false;
  }
  return true;
}

/** The same for field names, with "_" standing for "-" too: origins that make variables of names, as
 * CGI does, can't tell the two apart. `lowerCase` is written with "-". */
export function isNamedAlike(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerCase: string,
): boolean {
  if (end - start !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i++) {
    const octet = bytes[start + i]!;
    const wanted = lowerCase.charCodeAt(i);
    if (folded(octet) !== wanted && (octet !== UNDERSCORE || wanted !== HYPHEN)) return false;
  }
  return true;
}

const UNDERSCORE = 0x5f;
const HYPHEN = 0x2d;

/** A letter in lower case, any other octet as it is. */
function folded(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

/** Whether bytes[start, start + text.length) are the characters of `text`, case included. */
export function startsWith(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether two parts of the same octets, the first at [start, end), are equal in any case. */
export function samePartIgnoringCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = end - start - 1; i >= 0; i--) {
    const one = bytes[start + i]!;
    const other = bytes[otherStart + i]!;
    if (one !== other && !differsByCaseOnly(one, other)) return false;
  }
  return true;
}

function differsByCaseOnly(one: number, other: number): boolean {
  const folded = one | 0x20;
  return folded === (other | 0x20) && folded >= 0x61 && folded <= 0x7a;
}
