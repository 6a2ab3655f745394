/**
 * Copies a head's fields into the head being written, leaving out what must not cross.
 *
 * Most fields of most messages are kept, so neighbours are copied as one run of text. A field whose
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

/** What a route leaves out besides; names are given as a range of the head's text. */
export interface FieldFilter {
  removes(text: string, nameStart: number, nameEnd: number): boolean;
}

/** Whether a length field may be copied: no leading zeros, which would be a second way to write it. */
export function hasPlainLength({ text, fields }: Fields, row: number): boolean {
  return text.charCodeAt(fields[row * FIELD_COLUMNS + FIELD_VALUE_START]!) !== ZERO;
}

const ZERO = 0x30;

interface Fields {
  readonly text: string;
  readonly fieldCount: number;
  readonly fields: Int32Array;
}

/** The kept fields as text, each ended by CR LF; empty where none is kept. Either filter may leave
 * out what the mask keeps. */
export function copyFields(
  head: Fields,
  mask: DropMask,
  filter: FieldFilter | undefined,
  other?: FieldFilter,
): string {
  return copyRows(head, mask, filter, other, 0);
}

/** The same behind the start line as it was received: mostly all of it is one run of the text. */
export function copyHead(
  head: Fields,
  mask: DropMask,
  filter: FieldFilter | undefined,
  other?: FieldFilter,
): string {
  // Without any field the text is the start line and the empty line.
  const end = head.fieldCount > 0 ? head.fields[FIELD_NAME_START]! : head.text.length - 2;
  return copyRows(head, mask, filter, other, end);
}

/** `startEnd` is where the start line ends that is to be copied too; 0 for none. */
function copyRows(
  { text, fields, fieldCount }: Fields,
  mask: DropMask,
  filter: FieldFilter | undefined,
  other: FieldFilter | undefined,
  startEnd: number,
): string {
  let out = "";
  let runStart = 0;
  let runEnd = startEnd;
  for (let row = 0; row < fieldCount; row++) {
    const at = row * FIELD_COLUMNS;
    if (mask[fields[at + FIELD_ID]!] === 1) continue;
    const nameStart = fields[at + FIELD_NAME_START]!;
    const nameEnd = fields[at + FIELD_NAME_END]!;
    if (filter !== undefined && filter.removes(text, nameStart, nameEnd)) continue;
    if (other !== undefined && other.removes(text, nameStart, nameEnd)) continue;
    const valueStart = fields[at + FIELD_VALUE_START]!;
    const valueEnd = fields[at + FIELD_VALUE_END]!;
    const lineEnd = valueEnd + 2;
    const usual =
      valueStart === nameEnd + 2 &&
      text.charCodeAt(nameEnd + 1) === 32 &&
      text.charCodeAt(valueEnd) === 13;
    if (usual && nameStart === runEnd) {
      runEnd = lineEnd;
      continue;
    }
    if (runEnd > runStart) out += text.slice(runStart, runEnd);
    if (usual) {
      runStart = nameStart;
      runEnd = lineEnd;
    } else {
      out += `${text.slice(nameStart, nameEnd)}: ${text.slice(valueStart, valueEnd)}\r\n`;
      runStart = runEnd = 0;
    }
  }
  return runEnd > runStart ? out + text.slice(runStart, runEnd) : out;
}
