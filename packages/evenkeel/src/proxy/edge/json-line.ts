/**
 * An access log's line as JSON, built by joining strings. What neighbouring requests share (the
 * second, the route and its outcome, the browser) is quoted and joined once and kept while it stays
 * the same: the fewer pieces a line is made of, the less it costs to join them.
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
  const begin = createBeginning(serviceName);
  const where = createPlace();
  const outcome = createOutcome();
  const browser = createBrowser();
  const endpoint = createEndpoint();
  return (entry) => {
    const { traceId, requestId } = entry;
    const ms = Math.floor(entry.startedAtMs);
    const id = jsonText(requestId);
    // Mostly one and the same.
    const trace = traceId === requestId ? id : jsonText(traceId);
    return (
      `{"trace_id":${trace}${begin(entry, ms)}${id}${where(entry)}${entry.clientAddress}` +
      `","target":${jsonText(entry.target)}${outcome(entry)}${endpoint(entry)}` +
      `${toMs(entry.durationUs)},"first_byte_ms":${toMs(entry.firstByteUs)}` +
      `,"bytes_received":${entry.bytesReceived},"bytes_sent":${entry.bytesSent}${browser(entry)}`
    );
  };
}

/** How loud an entry is. */
export function levelOf({ status, reason }: AccessEntry): "info" | "warn" | "error" {
  if (status >= 500) return "error";
  if (reason === "") return "info";
  const side = reasonOf[reason as ReasonCode]?.side;
  return side === undefined || side === "client" ? "warn" : "error";
}

type Piece = (entry: AccessEntry) => string;

/** Level, service and time, up to the request id; made anew once a millisecond, its longer part once
 * a second. */
function createBeginning(serviceName: string): (entry: AccessEntry, ms: number) => string {
  const service = `","service_name":${jsonText(serviceName)},"timestamp":"`;
  let lastMs = -1;
  let lastSecond = -1;
  let lastLevel = "";
  let secondText = "";
  let text = "";
  return (entry, ms) => {
    const level = levelOf(entry);
    if (ms === lastMs && level === lastLevel) return text;
    const second = Math.floor(ms / 1_000);
    if (second !== lastSecond || level !== lastLevel) {
      const time = new Date(second * 1_000).toISOString().slice(0, 20);
      secondText = `,"level":"${level}${service}${time}`;
    }
    lastMs = ms;
    lastSecond = second;
    lastLevel = level;
    text = `${secondText}${threeDigits[ms - second * 1_000]}Z","request_id":`;
    return text;
  };
}

/** Listener, method and host, up to the client's address. */
function createPlace(): Piece {
  let listener = "";
  let method = "";
  let host = "";
  let text = "";
  return (entry) => {
    if (
      text === "" ||
      entry.host !== host ||
      entry.method !== method ||
      entry.listener !== listener
    ) {
      ({ listener, method, host } = entry);
      text =
        `,"listener":${jsonText(listener)},"method":${jsonText(method)}` +
        `,"host":${jsonText(host)},"client":"`;
    }
    return text;
  };
}

/** Protocol, status, reason, route and upstream. */
function createOutcome(): Piece {
  let minorVersion = -1;
  let status = -1;
  let reason = "";
  let route = "";
  let upstream = "";
  let text = "";
  return (entry) => {
    const isSame =
      entry.status === status &&
      entry.route === route &&
      entry.upstream === upstream &&
      entry.reason === reason &&
      entry.minorVersion === minorVersion;
    if (!isSame) {
      ({ minorVersion, status, reason, route, upstream } = entry);
      text =
        `,"protocol":"HTTP/1.${minorVersion}","status":${status},"reason":${jsonText(reason)}` +
        `,"route":${jsonText(route)},"upstream":${jsonText(upstream)}`;
    }
    return text;
  };
}

/** Endpoint and attempts, up to the duration. Neighbours take turns, so first attempts at a few
 * endpoints are remembered. */
function createEndpoint(): Piece {
  const first = new Map<string, string>();
  const render = ({ endpoint, attempts }: AccessEntry): string =>
    `,"endpoint":${jsonText(endpoint)},"attempts":${attempts},"duration_ms":`;
  return (entry) => {
    if (entry.attempts !== 1) return render(entry);
    let text = first.get(entry.endpoint);
    if (text === undefined) {
      if (first.size >= REMEMBERED_ENDPOINTS) first.clear();
      text = render(entry);
      first.set(entry.endpoint, text);
    }
    return text;
  };
}

const REMEMBERED_ENDPOINTS = 1_024;

/** Browser and page it came from, up to the line's end. */
function createBrowser(): Piece {
  let userAgent = "";
  let referer = "";
  let text = "";
  return (entry) => {
    if (text === "" || entry.userAgent !== userAgent || entry.referer !== referer) {
      ({ userAgent, referer } = entry);
      text = `,"user_agent":${jsonText(userAgent)},"referer":${jsonText(referer)}}\n`;
    }
    return text;
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
