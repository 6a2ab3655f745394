/** What a request may still choose from: members it has not tried and that are not closed. */
import type { PickRequest } from "./policy.ts";

/** False where the request has tried the slot or the caller closed it. Asks `closed` at most once;
 * a policy may ask about one slot several times within a pick, so `closed` must only look. */
export function isOpen(request: PickRequest, slot: number): boolean {
  const { tried, closed } = request;
  return (tried === undefined || !tried.includes(slot)) && (closed === undefined || !closed(slot));
}
