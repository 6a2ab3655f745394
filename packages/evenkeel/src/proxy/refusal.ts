/** Refusals of what never became a request: malformed heads, too many connections. */
import type { Socket } from "node:net";

import type { Reason } from "../errors/catalogue.ts";
import type { ProxyContext } from "./proxy-context.ts";

/** Answers with an error page that announces the close, and counts the reason. */
export function writeRefusal(context: ProxyContext, socket: Socket, why: Reason): void {
  context.counters.reasons[why.number]!++;
  if (why.status === 0) return;
  const page = context.errorPages.render(why, {
    isHead: false,
    keepAlive: false,
    extraLines: "",
    requestId: "",
    accept: undefined,
    retryAfterS: 0,
  });
  socket.write(page, "latin1");
}

/** Puts a malformed request into the access log; what could not be read stays empty. */
export function logRefusal(
  context: ProxyContext,
  listener: string,
  clientAddress: string,
  why: Reason,
): void {
  const { accessLog, accessEntry: entry } = context;
  if (accessLog === undefined) return;
  Object.assign(entry, emptyEntry, {
    startedAtMs: Date.now(),
    listener,
    clientAddress,
    status: why.status,
    reason: why.code,
  });
  accessLog.write(entry);
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
