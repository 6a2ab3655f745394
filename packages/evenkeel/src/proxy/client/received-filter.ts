/** Which received fields a listener leaves out besides those that never cross. */
import { isForwardingName } from "../edge/forwarded.ts";
import type { FieldFilter } from "../exchange/copy-fields.ts";
import { isNamedAlike } from "../http1/ascii.ts";

const LENGTH = "content-length";
const CODING = "transfer-encoding";

/**
 * Leaves out the request id, of which the listener writes its own (an empty name for none), and what
 * an untrusted client says of itself; both also with "_" for "-" in their names, and so spelled
 * lengths and codings of everybody: an origin that can't tell the spellings apart might believe them.
 */
export function createReceivedFilter(requestIdHeader: string, isTrusted: boolean): FieldFilter {
  const idName = requestIdHeader.toLowerCase().replaceAll("_", "-");
  return {
    removes(bytes, start, end) {
      const length = end - start;
      if (length === idName.length && isNamedAlike(bytes, start, end, idName)) return true;
      if (!isTrusted && isForwardingName(bytes, start, end)) return true;
      if (length === LENGTH.length) return isNamedAlike(bytes, start, end, LENGTH);
      return length === CODING.length && isNamedAlike(bytes, start, end, CODING);
    },
  };
}
