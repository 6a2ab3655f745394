/**
 * Recognizes the names a proxy has to look at, by length, first letter and one comparison: no two
 * of them share both length and first letter, so there is at most one candidate.
 */
import { fieldId } from "./contract.ts";
import { wordPattern } from "./words.ts";

const known: readonly (readonly [string, number])[] = [
  ["host", fieldId.host],
  ["connection", fieldId.connection],
  ["content-length", fieldId.contentLength],
  ["transfer-encoding", fieldId.transferEncoding],
  ["upgrade", fieldId.upgrade],
  ["expect", fieldId.expect],
  ["te", fieldId.te],
  ["trailer", fieldId.trailer],
  ["keep-alive", fieldId.keepAlive],
  ["proxy-connection", fieldId.proxyConnection],
  ["proxy-authorization", fieldId.proxyAuthorization],
  ["proxy-authenticate", fieldId.proxyAuthenticate],
  ["via", fieldId.via],
  ["forwarded", fieldId.forwarded],
  ["x-forwarded-for", fieldId.xForwardedFor],
  ["x-forwarded-proto", fieldId.xForwardedProto],
  ["x-forwarded-host", fieldId.xForwardedHost],
  ["x-real-ip", fieldId.xRealIp],
  ["cookie", fieldId.cookie],
  ["set-cookie", fieldId.setCookie],
  ["date", fieldId.date],
  ["server", fieldId.server],
  ["accept", fieldId.accept],
  ["idempotency-key", fieldId.idempotencyKey],
  ["retry-after", fieldId.retryAfter],
  ["user-agent", fieldId.userAgent],
  ["referer", fieldId.referer],
  ["http2-settings", fieldId.http2Settings],
  ["max-forwards", fieldId.maxForwards],
  ["location", fieldId.location],
  ["content-type", fieldId.contentType],
];

/** Longer names are never known. */
const LONGEST = 31;
/** Octets kept per name. */
const STRIDE = 32;

/** Words kept per name. */
const WORDS = 8;

const candidates = new Uint8Array((LONGEST + 1) * 32);
const octets = new Uint8Array(32 * STRIDE);
const and = new Int32Array(32 * WORDS);
const or = new Int32Array(32 * WORDS);
const expected = new Int32Array(32 * WORDS);
for (const [name, id] of known) {
  const slot = (name.length << 5) | (name.charCodeAt(0) & 31);
  if (candidates[slot] !== 0) throw new Error(`two known field names share a slot: ${name}`);
  candidates[slot] = id;
  octets.set(Buffer.from(name, "latin1"), id * STRIDE);
  const pattern = wordPattern(name);
  and.set(pattern.and, id * WORDS);
  or.set(pattern.or, id * WORDS);
  expected.set(pattern.expected, id * WORDS);
}

/** The `fieldId` of the octets at [start, end), whatever they are and whatever their case; 0 where
 * they are no known name, and near the end of the view, where words would reach over it. */
export function recognizeField(view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length > LONGEST || length === 0) return 0;
  const id = candidates[(length << 5) | (view.getUint8(start) & 31)]!;
  if (id === 0) return 0;
  const words = (length + 3) >> 2;
  if (start + words * 4 > view.byteLength) return 0;
  const row = id * WORDS;
  for (let word = 0; word < words; word++) {
    const read = view.getInt32(start + word * 4, true);
    if (((read & and[row + word]!) | or[row + word]!) !== expected[row + word]) return 0;
  }
  return id;
}

/** The `fieldId` of the name at [start, end), whatever its case; 0 for all others. The octets must
 * be token characters: only then is comparing without the case bit exact. */
export function identifyField(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > LONGEST) return 0;
  const id = candidates[(length << 5) | (bytes[start]! & 31)]!;
  if (id === 0) return 0;
  const row = id * STRIDE;
  for (let i = 1; i < length; i++) {
    if ((bytes[start + i]! | 0x20) !== octets[row + i]) return 0;
  }
  // The five bits of the slot do not tell a letter from the punctuation that shares them.
  return (bytes[start]! | 0x20) === octets[row] ? id : 0;
}
