/**
 * Request ids: 128 random bits as 32 lower-case hexadecimal digits, so that one can also serve as a
 * W3C trace id. Drawn from the system's secure source in batches: unguessable, and unique across
 * proxies and restarts without any agreement.
 */
import { randomFillSync } from "node:crypto";

const ID_BYTES = 16;
const BATCH = 64;
const MAX_LENGTH = 128;

/** Gives a fresh id on every call. */
export type RequestIds = () => string;

/** A source of ids; `fill` fills a buffer with random bytes. */
export function createRequestIds(fill: (bytes: Buffer) => void = randomFillSync): RequestIds {
  const bytes = Buffer.alloc(ID_BYTES * BATCH);
  let digits = "";
  let at = 0;
  return () => {
    if (at === digits.length) {
      fill(bytes);
      digits = bytes.toString("hex");
      at = 0;
    }
    const id = digits.slice(at, at + ID_BYTES * 2);
    at += ID_BYTES * 2;
    return id;
  };
}

/** Whether an id that a trusted proxy sent may be kept: 1 to 128 visible ASCII characters. */
export function isRequestId(id: string): boolean {
  if (id.length === 0 || id.length > MAX_LENGTH) return false;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (code < 0x21 || code > 0x7e) return false;
  }
  return true;
}
