/** Answers of the admin address. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent behind `body` as it comes, until it ends or the client goes; then the signal aborts. */
  readonly rest?: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** A JSON answer, ended by a line feed for those who read it in a terminal. */
export function json(status: number, value: unknown): Answer {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}

/** A refusal; `message` is one sentence for people. */
export function problem(status: number, message: string): Answer {
  return json(status, { error: message });
}

/** Plain text, such as orchestrators read. */
export function text(status: number, body: string): Answer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${body}\n` };
}

/** Sends it; for HEAD without the body. */
export function send(response: ServerResponse, answer: Answer, isHead: boolean): void {
  const body = Buffer.from(answer.body);
  const { rest } = answer;
  response.writeHead(answer.status, {
    "content-type": answer.contentType,
    ...(!rest && { "content-length": body.length }),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  if (isHead || !rest) return void response.end(isHead ? undefined : body);
  if (body.length > 0) response.write(body);
  void sendRest(response, rest);
}

/** No faster than the client takes it. */
async function sendRest(
  response: ServerResponse,
  rest: NonNullable<Answer["rest"]>,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    response.flushHeaders();
    for await (const piece of rest(gone.signal)) {
      if (gone.signal.aborted) break;
      if (!response.write(piece)) await once(response, "drain", { signal: gone.signal });
    }
    response.end();
  } catch {
    // It went away, or what it read can't be read any more: cut, so that it is not taken for the end.
    response.destroy();
  }
}
