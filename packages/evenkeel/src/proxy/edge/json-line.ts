/**
 * An access log's line as JSON. Built by joining strings: the names and what hardly ever changes
 * are quoted once, the rest is looked at once for characters that need an escape.
 */
import { reason as reasonOf, type ReasonCode } from "../../errors/catalogue.ts";
import type { AccessEntry } from "./contract.ts";
import { jsonText } from "./json-text.ts";

/** Formats one entry, line end included. */
export type LineFormat = (entry: AccessEntry) => string;

/**
 * JSON lines of a service. `level` is "error" where the answer is a 5xx or the failure was not the
 * client's, "warn" where Evenkeel refused the request or lost the client, else "info". Times are
 * milliseconds with three decimals; what there is none of (upstream, reason, …) is an empty
 * string.
 */
export function createJsonFormat(serviceName: string): LineFormat {
  const service = `","service_name":${jsonText(serviceName)},"timestamp":"`;
  const timestamp = createTimestamp();
  const host = createMemo();
  const route = createMemo();
  const upstream = createMemo();
  const endpoint = createMemo();
  const userAgent = createMemo();
  const referer = createMemo();
  return (entry) =>
    `{"trace_id":${jsonText(entry.traceId)},"level":"${levelOf(entry)}${service}${timestamp(entry.startedAtMs)}` +
    `","request_id":${jsonText(entry.requestId)},"listener":${jsonText(entry.listener)}` +
    `,"client":"${entry.clientAddress}","method":${jsonText(entry.method)}` +
    `,"host":${host(entry.host)},"target":${jsonText(entry.target)}` +
    `,"protocol":"HTTP/1.${entry.minorVersion}","status":${entry.status}` +
    `,"reason":"${entry.reason}","route":${route(entry.route)},"upstream":${upstream(entry.upstream)}` +
    `,"endpoint":${endpoint(entry.endpoint)},"attempts":${entry.attempts}` +
    `,"duration_ms":${toMs(entry.durationUs)},"first_byte_ms":${toMs(entry.firstByteUs)}` +
    `,"bytes_received":${entry.bytesReceived},"bytes_sent":${entry.bytesSent}` +
    `,"user_agent":${userAgent(entry.userAgent)},"referer":${referer(entry.referer)}}\n`;
}

/** How loud an entry is. */
export function levelOf({ status, reason }: AccessEntry): "info" | "warn" | "error" {
  if (status >= 500) return "error";
  if (reason === "") return "info";
  const side = reasonOf[reason as ReasonCode]?.side;
  return side === undefined || side === "client" ? "warn" : "error";
}

/** Quotes a text that is mostly the same as the last time. */
function createMemo(): (text: string) => string {
  let last = "";
  let quoted = '""';
  return (text) => {
    if (text !== last) {
      last = text;
      quoted = jsonText(text);
    }
    return quoted;
  };
}

const threeDigits: readonly string[] = Array.from({ length: 1_000 }, (_, number) =>
  String(number).padStart(3, "0"),
);

/** Microseconds as milliseconds with three decimals. */
function toMs(us: number): string {
  const whole = Math.floor(us / 1_000);
  return `${whole}.${threeDigits[Math.floor(us - whole * 1_000)]}`;
}

/** ISO 8601 in UTC with milliseconds; all but those is made once a second. */
function createTimestamp(): (ms: number) => string {
  let second = -1;
  let text = "";
  return (ms) => {
    const current = Math.floor(ms / 1_000);
    if (current !== second) {
      second = current;
      text = new Date(current * 1_000).toISOString().slice(0, 20);
    }
    return `${text}${threeDigits[Math.floor(ms - current * 1_000)]}Z`;
  };
}
