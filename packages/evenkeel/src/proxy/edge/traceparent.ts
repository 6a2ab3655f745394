/** The trace id in a `traceparent` header (W3C Trace Context, level 1). */

const DASH = 0x2d;
const ZERO = 0x30;
/** Of version 00: "00-", 32 digits, "-", 16 digits, "-", 2 digits. */
const LENGTH = 55;

/** The trace id, 32 lower-case hexadecimal digits; `undefined` where the header is malformed, of the
 * forbidden version ff, or has an id of zeros. */
export function traceIdOf(traceparent: string): string | undefined {
  if (traceparent.length < LENGTH || !hasDashes(traceparent)) return undefined;
  if (!isHex(traceparent, 0, 2) || traceparent.startsWith("ff")) return undefined;
  // Later versions may say more behind another dash; version 00 may not.
  const isVersion0 = traceparent.startsWith("00");
  if (traceparent.length > LENGTH && (isVersion0 || traceparent.charCodeAt(LENGTH) !== DASH)) {
    return undefined;
  }
  const isValid =
    isHex(traceparent, 3, 35) &&
    isHex(traceparent, 36, 52) &&
    isHex(traceparent, 53, 55) &&
    !isZero(traceparent, 3, 35) &&
    !isZero(traceparent, 36, 52);
  return isValid ? traceparent.slice(3, 35) : undefined;
}

function hasDashes(text: string): boolean {
  return (
    text.charCodeAt(2) === DASH && text.charCodeAt(35) === DASH && text.charCodeAt(52) === DASH
  );
}

function isHex(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    const isDigit = code >= ZERO && code <= ZERO + 9;
    if (!isDigit && !(code >= 0x61 && code <= 0x66)) return false;
  }
  return true;
}

function isZero(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at) !== ZERO) return false;
  }
  return true;
}
