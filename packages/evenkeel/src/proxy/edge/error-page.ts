/**
 * Error pages: what a client is told when Evenkeel itself answers with a failure. Status, one
 * sentence, the reason's code and the request id: enough to ask an operator, nothing internal.
 */
import type { Reason } from "../../errors/catalogue.ts";
import type { HttpDate } from "./http-date.ts";
import { type AnswerContext, renderAnswer, statusPhrase } from "./local-response.ts";

/** What differs from one page to the next. */
export interface ErrorContext extends AnswerContext {
  /** Visible ASCII; empty where there is none yet. */
  readonly requestId: string;
  /** The Accept header. JSON is sent where it is liked better than text, text where both are
   * welcome alike or nothing is said. */
  readonly accept: string | undefined;
  /** Whole seconds; 0 for no Retry-After. */
  readonly retryAfterS: number;
}

/** Renders error pages. */
export interface ErrorPages {
  /** The whole answer, head and body, as one latin1 string. The reason must have a status. */
  render(reason: Reason, context: ErrorContext): string;
}

/** Error pages dated by `date`. */
export function createErrorPages(date: HttpDate): ErrorPages {
  return {
    render(reason, context) {
      const isJson = context.accept !== undefined && prefersJson(context.accept);
      const retry = context.retryAfterS > 0 ? `Retry-After: ${context.retryAfterS}\r\n` : "";
      const lines =
        `Content-Type: ${isJson ? "application/json" : "text/plain; charset=utf-8"}\r\n` +
        `Cache-Control: no-store\r\n${retry}`;
      const body = isJson
        ? jsonBody(reason, context.requestId)
        : textBody(reason, context.requestId);
      return renderAnswer(reason.status, lines, body, date(), context);
    },
  };
}

function textBody({ status, text, code }: Reason, requestId: string): string {
  const id = requestId === "" ? "" : `Request: ${requestId}\n`;
  return `${status} ${statusPhrase(status)}\n\n${text}\n\nReason: ${code}\n${id}`;
}

function jsonBody({ status, text, code }: Reason, requestId: string): string {
  const id = requestId === "" ? undefined : requestId;
  const error = { status, title: statusPhrase(status), detail: text, reason: code, request_id: id };
  return `${JSON.stringify(error)}\n`;
}

/** Whether JSON has a higher quality than the best kind of text (RFC 9110 section 12.5.1). A
 * wildcard counts for both and so changes nothing. */
export function prefersJson(accept: string): boolean {
  let json = 0;
  let text = 0;
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";");
    const name = type.trim().toLowerCase();
    const quality = qualityOf(parameters);
    if (
      name === "application/json" ||
      (name.startsWith("application/") && name.endsWith("+json"))
    ) {
      json = Math.max(json, quality);
    } else if (name === "text/plain" || name === "text/html" || name === "text/*") {
      text = Math.max(text, quality);
    }
  }
  return json > text;
}

function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim().toLowerCase() !== "q") continue;
    const quality = Number(value.trim());
    return quality >= 0 && quality <= 1 ? quality : 0;
  }
  return 1;
}
