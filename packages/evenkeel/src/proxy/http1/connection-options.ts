/**
 * Reads the `Connection` fields of a head (RFC 9110 section 7.6.1): what they say about the
 * connection, and which other fields they make hop-by-hop.
 *
 * Naming a field that frames or routes the message, or that says where it came from, is refused:
 * it has no honest use, and removing such a field on request is a known attack on what stands
 * behind a proxy. Every other named field is marked and does not cross, `Cookie` and
 * `Authorization` included: that is what the RFC says, and it harms only the sender.
 */
import { equalsIgnoringCase, samePartIgnoringCase } from "./ascii.ts";
import {
  FIELD_COLUMNS,
  FIELD_ID,
  FIELD_NAME_END,
  FIELD_NAME_START,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  fieldId,
} from "./contract.ts";
import type { HeadScan } from "./head-scan.ts";
import { HTAB, notToken, SP } from "./octets.ts";

/** Bits of what `readConnection` found. */
export const CONNECTION_CLOSE = 1;
export const CONNECTION_KEEP_ALIVE = 2;
export const CONNECTION_UPGRADE = 4;
/** The fields can't be read, or name what must not be named. */
export const CONNECTION_BAD = 8;

/** Above the bits: each named field counts one step. More than this in one head is an attempt to
 * make the proxy work, since each is looked for among all fields. */
const NAMED_STEP = 16;
const MOST_NAMED = 32;

const COMMA = 0x2c;

/** Names that must reach the next hop whatever `Connection` says, by `fieldId`. */
const essential = [
  fieldId.host,
  fieldId.contentLength,
  fieldId.transferEncoding,
  fieldId.via,
  fieldId.forwarded,
  fieldId.xForwardedFor,
  fieldId.xForwardedProto,
  fieldId.xForwardedHost,
  fieldId.xRealIp,
].reduce((mask, id) => mask | (1 << id), 0);

/** Names that a proxy treats as hop-by-hop by themselves: they keep their own id. */
const hopByHop = [
  fieldId.connection,
  fieldId.upgrade,
  fieldId.te,
  fieldId.keepAlive,
  fieldId.proxyConnection,
].reduce((mask, id) => mask | (1 << id), 0);

/** Reads all Connection fields, marks the rows they name, and returns the bits above. */
export function readConnection(head: HeadScan): number {
  let found = 0;
  const { fields } = head;
  for (let row = Math.max(0, head.find(fieldId.connection)); row < head.fieldCount; row++) {
    const at = row * FIELD_COLUMNS;
    if (fields[at + FIELD_ID] !== fieldId.connection) continue;
    const start = fields[at + FIELD_VALUE_START]!;
    const end = fields[at + FIELD_VALUE_END]!;
    found = equalsIgnoringCase(head.bytes, start, end, "keep-alive")
      ? found | CONNECTION_KEEP_ALIVE
      : readOptions(head, start, end, found);
  }
  return found < MOST_NAMED * NAMED_STEP ? found : found | CONNECTION_BAD;
}

/** `found` with what the list at [start, end) adds. */
function readOptions(head: HeadScan, start: number, end: number, found: number): number {
  const { bytes } = head;
  let result = found;
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    if (octet === COMMA || isBlank(octet)) {
      at++;
      continue;
    }
    const optionStart = at;
    while (at < end && notToken[bytes[at]!] === 0) at++;
    if (at === optionStart) return result | CONNECTION_BAD;
    result = readOption(head, optionStart, at, result);
    if (result >= MOST_NAMED * NAMED_STEP) return result | CONNECTION_BAD;
    while (at < end && isBlank(bytes[at]!)) at++;
    if (at < end && bytes[at] !== COMMA) return result | CONNECTION_BAD;
  }
  return result;
}

function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB;
}

function readOption(head: HeadScan, start: number, end: number, found: number): number {
  if (equalsIgnoringCase(head.bytes, start, end, "close")) return found | CONNECTION_CLOSE;
  if (equalsIgnoringCase(head.bytes, start, end, "keep-alive"))
    return found | CONNECTION_KEEP_ALIVE;
  if (equalsIgnoringCase(head.bytes, start, end, "upgrade")) return found | CONNECTION_UPGRADE;
  return (found | markNamed(head, start, end)) + NAMED_STEP;
}

/** Marks the fields with the name at [start, end). */
function markNamed(head: HeadScan, start: number, end: number): number {
  const { fields, bytes } = head;
  for (let row = 0; row < head.fieldCount; row++) {
    const at = row * FIELD_COLUMNS;
    const nameStart = fields[at + FIELD_NAME_START]!;
    const nameEnd = fields[at + FIELD_NAME_END]!;
    if (!samePartIgnoringCase(bytes, start, end, nameStart, nameEnd)) continue;
    const id = fields[at + FIELD_ID]!;
    // 1 << 63 would be 1 << 31: a row that is marked already stays so.
    if (id === fieldId.namedByConnection) continue;
    if ((essential & (1 << id)) !== 0) return CONNECTION_BAD;
    if ((hopByHop & (1 << id)) === 0) fields[at + FIELD_ID] = fieldId.namedByConnection;
  }
  return 0;
}
