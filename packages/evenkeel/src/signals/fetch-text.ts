/** Reads an answer up to a bound, for pages of instances and for Prometheus alike. */

/** What was answered, or why there is none, in a few words. */
export type Fetched =
  | { readonly ok: true; readonly status: number; readonly body: string }
  | { readonly ok: false; readonly problem: string };

/** What a request needs. */
export interface FetchOrder {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly mostBytes: number;
}

/** Asks once, follows no redirect. Never throws. `life` ends it early. */
export async function fetchText(order: FetchOrder, life: AbortSignal): Promise<Fetched> {
  const timeout = AbortSignal.timeout(order.timeoutMs);
  try {
    const response = await fetch(order.url, {
      method: order.method ?? "GET",
      headers: order.headers ?? {},
      ...(order.body !== undefined && { body: order.body }),
      redirect: "manual",
      signal: AbortSignal.any([life, timeout]),
    });
    const body = await readUpTo(response, order.mostBytes);
    if (body === undefined) return { ok: false, problem: `more than ${order.mostBytes} bytes` };
    return { ok: true, status: response.status, body };
  } catch (error) {
    if (timeout.aborted) return { ok: false, problem: `no answer within ${order.timeoutMs} ms` };
    return { ok: false, problem: reasonOf(error) };
  }
}

async function readUpTo(response: Response, mostBytes: number): Promise<string | undefined> {
  if (!response.body) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop cancels the rest.
    if (bytes > mostBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Fetch hides the interesting part in `cause`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ENOTFOUND") return "no such host";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "connection closed";
  return code || (cause instanceof Error ? cause.message : String(cause));
}
