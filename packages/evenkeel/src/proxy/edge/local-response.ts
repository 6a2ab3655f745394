/** Whole answers that Evenkeel gives by itself, as one latin1 string. */
import { STATUS_CODES } from "node:http";

import type { HttpDate } from "./http-date.ts";

/** What differs from one answer to the next. */
export interface AnswerContext {
  /** The request was HEAD: the length is told, the body left out. */
  readonly isHead: boolean;
  /** Whether the connection stays open behind it. */
  readonly keepAlive: boolean;
  /** More header lines, each ended by CR LF; empty for none. */
  readonly extraLines: string;
}

/** A status' phrase; empty where there is none. */
export function statusPhrase(status: number): string {
  return STATUS_CODES[status] ?? "";
}

/** An answer with the given header lines (each ended by CR LF, without Content-Length, Connection,
 * Date) and body, a latin1 string of its bytes. 1xx, 204 and 304 have neither body nor length. */
export function renderAnswer(
  status: number,
  lines: string,
  body: string,
  date: string,
  context: AnswerContext,
): string {
  const isBodiless = status < 200 || status === 204 || status === 304;
  const length = isBodiless ? "" : `Content-Length: ${body.length}\r\n`;
  const connection = context.keepAlive ? "keep-alive" : "close";
  return (
    `HTTP/1.1 ${status} ${statusPhrase(status)}\r\nDate: ${date}\r\n${lines}${length}` +
    `Connection: ${connection}\r\n${context.extraLines}\r\n` +
    (isBodiless || context.isHead ? "" : body)
  );
}

/** Bytes of the body in an answer that was rendered here. */
export function bodyBytesOf(answer: string): number {
  return answer.length - answer.indexOf("\r\n\r\n") - 4;
}

/** A fixed answer of a route. */
export type FixedAnswer = (context: AnswerContext) => string;

/** Prepares a route's fixed answer: its status, headers and text body (sent as UTF-8, by default as
 * text/plain). */
export function createFixedAnswer(
  status: number,
  headers: readonly (readonly [name: string, value: string])[],
  body: string,
  date: HttpDate,
): FixedAnswer {
  const bytes = toLatin1(body);
  let lines = "";
  let hasType = body === "";
  for (const [name, value] of headers) {
    lines += `${name}: ${toLatin1(value)}\r\n`;
    hasType ||= name.toLowerCase() === "content-type";
  }
  if (!hasType) lines += "Content-Type: text/plain; charset=utf-8\r\n";
  return (context) => renderAnswer(status, lines, bytes, date(), context);
}

/** Text as the latin1 string of its UTF-8 bytes. */
function toLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
