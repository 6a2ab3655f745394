/** Calls an address for a plan and judges the status of its answer. Not with fetch, which refuses
 * some ports that services do have. */
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { CallOutcome, HttpOrder } from "./deps.ts";

/** What is kept of an answer's body; the rest is not read. */
export const BODY_LIMIT_BYTES = 4 * 1024;

/** Redirects are not followed: their status is the answer. Never rejects. */
export async function callHttp(order: HttpOrder, signal: AbortSignal): Promise<CallOutcome> {
  const { method, url, expected } = order;
  try {
    const response = await ask(order, signal);
    const output = await begin(response);
    const status = response.statusCode ?? 0;
    const ok = expected.some(([from, to]) => status >= from && status <= to);
    return { ok, text: `${method} ${url} answered ${status}`, output };
  } catch (error) {
    const how = signal.aborted ? "did not answer in time" : `failed: ${reasonOf(error)}`;
    return { ok: false, text: `${method} ${url} ${how}`, output: "" };
  }
}

function ask(order: HttpOrder, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, url, headers, body } = order;
  const request = url.startsWith("https:") ? requestHttps : requestHttp;
  const options = { method, headers: { ...headers, connection: "close" }, agent: false, signal };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(url, options, resolve)
    .on("error", reject)
    .end(body === "" ? undefined : body);
  return promise;
}

/** Leaving the loop ends the connection. */
async function begin(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= BODY_LIMIT_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, BODY_LIMIT_BYTES).toString("utf8").trim();
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
