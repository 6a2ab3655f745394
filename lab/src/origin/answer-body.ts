/**
 * The body of an answer: whoever reads it can tell whose answer it is, which origin gave it, and
 * whether it arrived whole.
 */

/** Length of an answer's body. */
export const bodyBytes = 1_024;

const CHECKSUM = 8;
const FIRST_LETTER = 97;

/** The body for a request: its number, the origin's, letters that follow from both, and a checksum
 * over all of it (FNV-1a, 32 bits). `id` is below 2^32, `origin` below 256. */
export function writeBody(id: number, origin: number): Buffer {
  const body = Buffer.allocUnsafe(bodyBytes);
  let at = body.write(`${hex(id, 8)} ${hex(origin, 2)} `, "latin1");
  let letter = (id + origin) >>> 0;
  for (; at < bodyBytes - CHECKSUM; at++) {
    letter = (Math.imul(letter, 1_103_515_245) + 12_345) >>> 0;
    body[at] = FIRST_LETTER + ((letter >>> 16) % 26);
  }
  body.write(hex(checksum(body, at), CHECKSUM), at, "latin1");
  return body;
}

/** The number of the origin that answered request `id`; undefined when the body is another
 * request's, damaged, or not of the right length. */
export function readBody(body: Buffer, id: number): number | undefined {
  if (body.length !== bodyBytes) return undefined;
  const end = bodyBytes - CHECKSUM;
  if (body.toString("latin1", end) !== hex(checksum(body, end), CHECKSUM)) return undefined;
  if (Number.parseInt(body.toString("latin1", 0, 8), 16) !== id) return undefined;
  return Number.parseInt(body.toString("latin1", 9, 11), 16);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function checksum(bytes: Buffer, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash >>> 0;
}
