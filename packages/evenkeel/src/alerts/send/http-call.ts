/** One call to a receiver over HTTP. */
import type { SendOutcome } from "../deps.ts";
import { redact } from "./redact.ts";

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined sends none. */
  readonly body: string | undefined;
  /** Must not appear in what is said about the call. */
  readonly secrets: readonly string[];
}

/** What is read of an answer; of it, the beginning is shown. */
const READ_BYTES = 2048;
const SHOWN = 200;

/** Answers in the 200s are fine; 408, 425, 429 and the 500s may go better later, all others never
 * will. Redirects are not followed: the call may carry secrets. Never rejects. */
export async function callHttp(call: HttpCall, signal: AbortSignal): Promise<SendOutcome> {
  const { url, method, headers, body, secrets } = call;
  try {
    const response = await fetch(url, {
      method,
      headers: { connection: "close", "user-agent": "evenkeel", ...headers },
      ...(body !== undefined && { body }),
      redirect: "manual",
      signal,
    });
    const { status } = response;
    const said = await begin(response);
    const answer = redact(`it answered ${status}${said && `: ${said}`}`, secrets);
    if (response.ok) return { kind: "sent", text: answer };
    if (!mayGoBetter(status)) return { kind: "refused", text: answer };
    const notBeforeMs = retryAfter(response.headers.get("retry-after"), Date.now());
    return { kind: "failed", text: answer, notBeforeMs };
  } catch (error) {
    return { kind: "failed", text: redact(reasonOf(error), secrets), notBeforeMs: undefined };
  }
}

function mayGoBetter(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

async function begin(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    size += piece.length;
    if (size >= READ_BYTES) break;
  }
  const text = Buffer.concat(pieces).toString("utf8");
  return text.replaceAll(/\s+/g, " ").trim().slice(0, SHOWN);
}

/** Milliseconds from now; undefined where nothing usable is said. Seconds or a date, as in RFC 9110. */
export function retryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** `fetch` wraps what happened. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it failed";
  const { cause } = error as { cause?: { code?: unknown; message?: unknown } };
  const code = typeof cause?.code === "string" ? cause.code : undefined;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens there (ECONNREFUSED)",
    ENOTFOUND: "its name is not known (ENOTFOUND)",
    ECONNRESET: "the connection broke (ECONNRESET)",
  };
  if (code !== undefined) return words[code] ?? `the call failed (${code})`;
  if (error.name === "AbortError") return "it was called off";
  const why = typeof cause?.message === "string" ? cause.message : error.message;
  return `the call failed (${why})`;
}
