/**
 * Copies a head's fields into the head being written, leaving out what must not cross.
 *
 * Most fields of most messages are kept, so neighbours are copied as one run. A field whose
 * white space is not the usual single space is written anew: what leaves has one form only.
 */
import {
  FIELD_COLUMNS,
  FIELD_ID,
  FIELD_NAME_END,
  FIELD_NAME_START,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  fieldId,
} from "../http1/contract.ts";
import { CR, SP } from "../http1/octets.ts";
import type { Outgoing } from "../wire/outgoing.ts";

/** For each field id 1 if such fields are left out. */
export type DropMask = Uint8Array;

/** A mask that leaves out the named ids. Hop-by-hop fields (RFC 9110 section 7.6.1) always are. */
export function dropMask(...ids: readonly number[]): DropMask {
  const mask = new Uint8Array(64);
  for (const id of [...hopByHop, ...ids]) mask[id] = 1;
  return mask;
}

const hopByHop = [
  fieldId.connection,
  fieldId.keepAlive,
  fieldId.proxyConnection,
  fieldId.proxyAuthorization,
  fieldId.proxyAuthenticate,
  fieldId.te,
  fieldId.upgrade,
  fieldId.http2Settings,
  fieldId.transferEncoding,
  fieldId.contentLength,
  fieldId.namedByConnection,
];

/** What a route leaves out besides; names are given as a range of the head's octets. */
export interface FieldFilter {
  removes(bytes: Uint8Array, nameStart: number, nameEnd: number): boolean;
}

/** Whether a filter leaves out the field in `row`. */
export function isLeftOut(
  { bytes, fields }: Pick<Fields, "bytes" | "fields">,
  row: number,
  filter: FieldFilter | undefined,
): boolean {
  if (filter === undefined) return false;
  const at = row * FIELD_COLUMNS;
  return filter.removes(bytes, fields[at + FIELD_NAME_START]!, fields[at + FIELD_NAME_END]!);
}

/** Whether a length field may be copied: no leading zeros, which would be a second way to write it. */
export function hasPlainLength({ bytes, fields }: Fields, row: number): boolean {
  return bytes[fields[row * FIELD_COLUMNS + FIELD_VALUE_START]!] !== ZERO;
}

const ZERO = 0x30;

interface Fields {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly fieldCount: number;
  readonly fields: Int32Array;
}

/** Appends the kept fields, each ended by CR LF. Either filter may leave out what the mask keeps. */
export function copyFields(
  out: Outgoing,
  head: Fields,
  mask: DropMask,
  filter: FieldFilter | undefined,
  other?: FieldFilter,
): void {
  copyRows(out, head, mask, filter, other, 0, 0);
}

/** The same behind the start line as it was received: mostly all of it is one run. */
export function copyHead(
  out: Outgoing,
  head: Fields,
  mask: DropMask,
  filter: FieldFilter | undefined,
  other?: FieldFilter,
): void {
  // Without any field the head is the start line and the empty line.
  const end = head.fieldCount > 0 ? head.fields[FIELD_NAME_START]! : head.end - 2;
  copyRows(out, head, mask, filter, other, head.start, end);
}

/** What is from `start` to `end` is copied before the fields. */
// oxlint-disable-next-line max-params -- an object per call would be one per head
function copyRows(
  out: Outgoing,
  { bytes, fields, fieldCount }: Fields,
  mask: DropMask,
  filter: FieldFilter | undefined,
  other: FieldFilter | undefined,
  start: number,
  end: number,
): void {
  let runStart = start;
  let runEnd = end;
  for (let row = 0; row < fieldCount; row++) {
    const at = row * FIELD_COLUMNS;
    if (mask[fields[at + FIELD_ID]!] === 1) continue;
    const nameStart = fields[at + FIELD_NAME_START]!;
    const nameEnd = fields[at + FIELD_NAME_END]!;
    if (filter !== undefined && filter.removes(bytes, nameStart, nameEnd)) continue;
    if (other !== undefined && other.removes(bytes, nameStart, nameEnd)) continue;
    const valueStart = fields[at + FIELD_VALUE_START]!;
    const valueEnd = fields[at + FIELD_VALUE_END]!;
    const lineEnd = valueEnd + 2;
    const usual = valueStart === nameEnd + 2 && bytes[nameEnd + 1] === SP && bytes[valueEnd] === CR;
    if (usual && nameStart === runEnd) {
      runEnd = lineEnd;
      continue;
    }
    if (runEnd > runStart) out.copy(bytes, runStart, runEnd);
    if (usual) {
      runStart = nameStart;
      runEnd = lineEnd;
    } else {
      out.copy(bytes, nameStart, nameEnd);
      out.text(": ");
      out.copy(bytes, valueStart, valueEnd);
      out.endLine();
      runStart = runEnd = 0;
    }
  }
  if (runEnd > runStart) out.copy(bytes, runStart, runEnd);
}
