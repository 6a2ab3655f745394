/** The client's word that the service recognizes a repetition of its request. */
import { isLeftOut, type FieldFilter } from "./copy-fields.ts";
import { fieldValue } from "./field-value.ts";
import { fieldId, type RequestHead } from "../http1/contract.ts";

/** Whether the origin gets an `Idempotency-Key` from the client to recognize the request by: a single
 * one that is not empty, and that the route's filter does not keep back or replace. */
export function carriesKey(head: RequestHead, filter: FieldFilter | undefined): boolean {
  const row = head.find(fieldId.idempotencyKey);
  if (row < 0 || head.isRepeated(fieldId.idempotencyKey)) return false;
  const value = fieldValue(head, row);
  // Structured values (RFC 9651), as the draft of this field wants them, are quoted.
  return value !== "" && value !== '""' && !isLeftOut(head, row, filter);
}
