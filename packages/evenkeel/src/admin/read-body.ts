/** A small JSON body. */
import type { IncomingMessage } from "node:http";

/** Most bodies here are a word or nothing. */
const MAX_BODY_BYTES = 16 * 1024;

export type BodyOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: 400 | 413; readonly message: string };

/** Reads a request's JSON body, at most so many bytes; an empty one is `undefined`. Never throws. */
export async function readJson(
  request: IncomingMessage,
  most = MAX_BODY_BYTES,
): Promise<BodyOutcome> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) {
        return { ok: false, status: 413, message: `A body may have ${most} bytes.` };
      }
      chunks.push(chunk);
    }
  } catch {
    // The client went away: nobody is left to read the answer.
    return { ok: false, status: 400, message: "The body ended early." };
  }
  if (size === 0) return { ok: true, value: undefined };
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return { ok: false, status: 400, message: "The body is not JSON." };
  }
}
