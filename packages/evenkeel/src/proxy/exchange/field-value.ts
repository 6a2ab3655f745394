/** A field's value out of a parsed head. */
import { FIELD_COLUMNS, FIELD_VALUE_END, FIELD_VALUE_START } from "../http1/contract.ts";

/** The value in `row` (0 and up), without surrounding white space. */
export function fieldValue(
  head: { readonly text: string; readonly fields: Int32Array },
  row: number,
): string {
  const at = row * FIELD_COLUMNS;
  return head.text.slice(head.fields[at + FIELD_VALUE_START], head.fields[at + FIELD_VALUE_END]);
}
