/** Calls an address for a plan and judges the status of its answer. */
import type { CallOutcome, HttpOrder } from "./deps.ts";

/** What is kept of an answer's body; the rest is not read. */
export const BODY_LIMIT_BYTES = 4 * 1024;

/** Redirects are not followed: their status is the answer. Never rejects. */
export async function callHttp(order: HttpOrder, signal: AbortSignal): Promise<CallOutcome> {
  const { method, url, headers, body, expected } = order;
  try {
    const response = await fetch(url, {
      method,
      headers: { connection: "close", ...headers },
      ...(body !== "" && { body }),
      redirect: "manual",
      signal,
    });
    const output = await begin(response);
    const { status } = response;
    const ok = expected.some(([from, to]) => status >= from && status <= to);
    return { ok, text: `${method} ${url} answered ${status}`, output };
  } catch (error) {
    const how = signal.aborted ? "did not answer in time" : `failed: ${reasonOf(error)}`;
    return { ok: false, text: `${method} ${url} ${how}`, output: "" };
  }
}

async function begin(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    size += piece.length;
    if (size >= BODY_LIMIT_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, BODY_LIMIT_BYTES).toString("utf8").trim();
}

/** fetch wraps what happened. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  if (typeof cause?.code === "string") return cause.code;
  return error instanceof Error ? error.message : String(error);
}
