/** Values of fields out of a parsed head. */
import { FIELD_COLUMNS, FIELD_ID, FIELD_VALUE_END, FIELD_VALUE_START } from "../http1/contract.ts";
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
