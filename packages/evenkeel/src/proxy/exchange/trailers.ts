/** Trailers on their way from one side to the other. */
import type { FieldFilter } from "./copy-fields.ts";
import { COLON, CR, LF } from "../http1/octets.ts";

/** The end of a chunked body as `ChunkScanner.tail` tells it, without the fields that a filter keeps
 * out of heads: what must not come in front must not come behind either. */
export function keptTrailers(tail: string, filter?: FieldFilter, other?: FieldFilter): Buffer {
  const bytes = Buffer.from(tail, "latin1");
  let length = 0;
  let at = 0;
  while (bytes[at] !== CR) {
    const end = bytes.indexOf(LF, at) + 1;
    const nameEnd = bytes.indexOf(COLON, at);
    const removed =
      filter?.removes(bytes, at, nameEnd) === true || other?.removes(bytes, at, nameEnd) === true;
    // Moved to the front over those that were left out.
    if (!removed) length += bytes.copy(bytes, length, at, end);
    at = end;
  }
  length += bytes.copy(bytes, length, at);
  return bytes.subarray(0, length);
}
