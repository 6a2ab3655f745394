/** Answers of the admin address. */
import type { ServerResponse } from "node:http";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
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
  response.writeHead(answer.status, {
    "content-type": answer.contentType,
    "content-length": body.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(isHead ? undefined : body);
}
