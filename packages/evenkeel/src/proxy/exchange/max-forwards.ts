/** How far a request may go that asks about the way itself (RFC 9110 section 7.6.2). */
import { isLeftOut, type FieldFilter } from "./copy-fields.ts";
import { fieldValue } from "./field-value.ts";
import { FIELD_COLUMNS, FIELD_ID, fieldId, type RequestHead } from "../http1/contract.ts";

/** How often an OPTIONS or TRACE may still be forwarded; -1 where that is not said: other methods, no
 * `Max-Forwards`, several of them, or one that is no number. */
export function forwardsLeft(head: RequestHead): number {
  const row = head.find(fieldId.maxForwards);
  if (row < 0 || (head.method !== "OPTIONS" && head.method !== "TRACE")) return -1;
  const value = head.isRepeated(fieldId.maxForwards) ? "" : fieldValue(head, row);
  return /^\d+$/.test(value) ? Math.min(Number(value), Number.MAX_SAFE_INTEGER) : -1;
}

/** The line to send in place of the received one, lowered by one, which is kept from being copied;
 * empty where none is to be sent, or the received one crosses as it is. */
export function lowerForwards(head: RequestHead, filter: FieldFilter | undefined): string {
  const left = forwardsLeft(head);
  if (left <= 0) return "";
  const row = head.find(fieldId.maxForwards);
  if (isLeftOut(head, row, filter)) return "";
  head.fields[row * FIELD_COLUMNS + FIELD_ID] = fieldId.namedByConnection;
  return `Max-Forwards: ${left - 1}\r\n`;
}
