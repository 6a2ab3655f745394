/** Refusals of what never became a request: malformed heads, too many connections. */
import type { Socket } from "node:net";

import type { Reason } from "../../errors/catalogue.ts";
import { startsWith } from "../http1/ascii.ts";
import { CR, LF } from "../http1/octets.ts";
import type { ProxyContext } from "../proxy-context.ts";

/** Whose request it was, as far as is known. */
export interface Refused {
  readonly listener: string;
  readonly clientAddress: string;
}

/** Answers with an error page that announces the close, counts the reason, and puts a line into the
 * access log in which what could not be read stays empty. `isHead` leaves out the page's body. */
export function refuse(
  context: ProxyContext,
  socket: Socket,
  who: Refused,
  why: Reason,
  isHead: boolean,
): void {
  context.counters.reasons[why.number]!++;
  const requestId = context.requestIds();
  const page = context.errorPages.render(why, {
    isHead,
    keepAlive: false,
    extraLines: "",
    requestId,
    accept: undefined,
    retryAfterS: 0,
  });
  socket.write(page, "latin1");
  const { accessLog, accessEntry: entry } = context;
  if (accessLog === undefined) return;
  Object.assign(entry, emptyEntry, who);
  entry.startedAtMs = Date.now();
  entry.status = why.status;
  entry.reason = why.code;
  entry.requestId = entry.traceId = requestId;
  accessLog.write(entry);
}

/** Whether the head that begins in `bytes` at `from` asks for no body, whatever else is wrong with it. */
export function beginsWithHead(bytes: Buffer, from: number): boolean {
  // One empty line may stand before a request.
  const start = bytes[from] === CR && bytes[from + 1] === LF ? from + 2 : from;
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
