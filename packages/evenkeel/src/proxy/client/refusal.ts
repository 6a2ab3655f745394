/** Refusals of what never became a request: malformed heads, too many connections. */
import type { Socket } from "node:net";

import type { Reason } from "../../errors/catalogue.ts";
import { bodyBytesOf } from "../edge/local-response.ts";
import { startsWith } from "../http1/ascii.ts";
import { CR, LF } from "../http1/octets.ts";
import type { ProxyContext } from "../proxy-context.ts";
import { readRefusedHead } from "./refused-head.ts";

/** Whose request it was, as far as is known. */
export interface Refused {
  readonly listener: string;
  readonly clientAddress: string;
  /** The most that a request's line may have. */
  readonly lineBytes: number;
}

const noHead = Buffer.alloc(0);

/** Answers with an error page that announces the close, counts the reason, and puts a line into the
 * access log in which what could not be read of `head` stays empty. */
export function refuse(
  context: ProxyContext,
  socket: Socket,
  who: Refused,
  why: Reason,
  head: Buffer = noHead,
): void {
  context.counters.reasons[why.number]!++;
  const requestId = context.requestIds();
  const page = context.errorPages.render(why, {
    isHead: beginsWithHead(head),
    keepAlive: false,
    extraLines: "",
    requestId,
    accept: undefined,
    retryAfterS: 0,
  });
  socket.write(page, "latin1");
  const { accessLog, accessEntry: entry } = context;
  if (accessLog === undefined) return;
  Object.assign(entry, emptyEntry, readRefusedHead(head, who.lineBytes));
  entry.listener = who.listener;
  entry.clientAddress = who.clientAddress;
  entry.startedAtMs = Date.now();
  entry.status = why.status;
  entry.reason = why.code;
  entry.bytesSent = bodyBytesOf(page);
  entry.requestId = entry.traceId = requestId;
  accessLog.write(entry);
}

/** Whether the head that begins here asks for no body, whatever else is wrong with it. */
function beginsWithHead(bytes: Buffer): boolean {
  // One empty line may stand before a request.
  const start = bytes[0] === CR && bytes[1] === LF ? 2 : 0;
  return startsWith(bytes, start, "HEAD ");
}

/** An access entry of nothing; also what the reused one starts as. */
export const emptyEntry = Object.freeze({
  startedAtMs: 0,
  durationUs: 0,
  firstByteUs: 0,
  requestId: "",
  listener: "",
  route: "",
  upstream: "",
  endpoint: "",
  attempts: 0,
  clientAddress: "",
  method: "",
  host: "",
  target: "",
  minorVersion: 1,
  status: 0,
  bytesReceived: 0,
  bytesSent: 0,
  referer: "",
  userAgent: "",
  reason: "",
  traceId: "",
});
