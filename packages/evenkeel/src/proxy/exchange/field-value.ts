/** Values of fields out of a parsed head. */
import { equalsIgnoringCase } from "../http1/ascii.ts";
import {
  FIELD_COLUMNS,
  FIELD_ID,
  FIELD_NAME_END,
  FIELD_NAME_START,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
} from "../http1/contract.ts";
import { latin1 } from "../http1/latin1.ts";

/** The value in `row` (0 and up), without surrounding white space. */
export function fieldValue(
  head: { readonly bytes: Buffer; readonly fields: Int32Array },
  row: number,
): string {
  const at = row * FIELD_COLUMNS;
  const { bytes, fields } = head;
  return latin1(bytes, fields[at + FIELD_VALUE_START]!, fields[at + FIELD_VALUE_END]!);
}

/** The values of all fields with that id, in order; empty for none. */
export function fieldValues(
  head: { readonly bytes: Buffer; readonly fields: Int32Array; readonly fieldCount: number },
  id: number,
): string[] {
  const values: string[] = [];
  for (let row = 0; row < head.fieldCount; row++) {
    if (head.fields[row * FIELD_COLUMNS + FIELD_ID] === id) values.push(fieldValue(head, row));
  }
  return values;
}

/** Whether more than one field has that lower-case name. */
export function isNameRepeated(
  head: { readonly bytes: Buffer; readonly fields: Int32Array; readonly fieldCount: number },
  name: string,
): boolean {
  let count = 0;
  for (let at = 0; at < head.fieldCount * FIELD_COLUMNS; at += FIELD_COLUMNS) {
    const start = head.fields[at + FIELD_NAME_START]!;
    if (equalsIgnoringCase(head.bytes, start, head.fields[at + FIELD_NAME_END]!, name)) count++;
  }
  return count > 1;
}
