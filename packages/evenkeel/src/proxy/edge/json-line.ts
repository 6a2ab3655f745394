/**
 * An access log's line as JSON. What neighbouring requests share (the second, the route and its
 * outcome, the browser) is quoted and encoded once and kept as bytes while it stays the same.
 */
import { reason as reasonOf, type ReasonCode } from "../../errors/catalogue.ts";
import type { AccessEntry } from "./contract.ts";
import { writeThreeDigits } from "./line-buffer.ts";
import type { LineFormat } from "./line-format.ts";

/**
 * JSON lines of a service. `level` is "error" where the answer is a 5xx or the failure was not the
 * client's, "warn" where Evenkeel refused the request or lost the client, else "info". Times are
 * milliseconds with three decimals; what there is none of (upstream, reason, …) is an empty
 * string.
 */
export function createJsonFormat(serviceName: string): LineFormat {
  const beginning = createBeginning(serviceName);
  const place = createPlace();
  const outcome = createOutcome();
  const endpoint = createEndpoint();
  const browser = createBrowser();
  return (entry, out) => {
    out.piece(TRACE_ID);
    const start = out.length;
    out.json(entry.traceId);
    const end = out.length;
    out.piece(beginning(entry));
    // Mostly one and the same.
    if (entry.requestId === entry.traceId) out.again(start, end);
    else out.json(entry.requestId);
    out.piece(place(entry));
    out.json(entry.clientAddress);
    out.piece(TARGET);
    out.json(entry.target);
    out.piece(outcome(entry));
    out.piece(endpoint(entry));
    out.thousandths(entry.durationUs);
    out.piece(FIRST_BYTE);
    out.thousandths(entry.firstByteUs);
    out.piece(RECEIVED);
    out.integer(entry.bytesReceived);
    out.piece(SENT);
    out.integer(entry.bytesSent);
    out.piece(browser(entry));
    out.json(entry.referer);
    out.piece(END);
  };
}

const TRACE_ID = encode('{"trace_id":"');
const TARGET = encode('","target":"');
const FIRST_BYTE = encode(',"first_byte_ms":');
const RECEIVED = encode(',"bytes_received":');
const END = encode('"}\n');
const SENT = encode(',"bytes_sent":');

function encode(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** JSON of a text, in ASCII like `LineBuffer.json`. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^ -~]/g,
    (character) => String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** How loud an entry is. */
export function levelOf({ status, reason }: AccessEntry): "info" | "warn" | "error" {
  if (status >= 500) return "error";
  if (reason === "") return "info";
  const side = reasonOf[reason as ReasonCode]?.side;
  return side === undefined || side === "client" ? "warn" : "error";
}

type Piece = (entry: AccessEntry) => Buffer;

/** Level, service and time, up to the request id; encoded once a second, the milliseconds put into
 * their place. */
function createBeginning(serviceName: string): Piece {
  const service = `","service_name":${quote(serviceName)},"timestamp":"`;
  const end = 'Z","request_id":"';
  let second = -1;
  let level = "";
  let bytes = encode("");
  return (entry) => {
    const ms = Math.floor(entry.startedAtMs);
    const itsSecond = Math.floor(ms / 1_000);
    const itsLevel = levelOf(entry);
    if (itsSecond !== second || itsLevel !== level) {
      second = itsSecond;
      level = itsLevel;
      const time = new Date(second * 1_000).toISOString().slice(0, 20);
      bytes = encode(`","level":"${level}${service}${time}000${end}`);
    }
    writeThreeDigits(bytes, bytes.length - end.length - 3, ms - second * 1_000);
    return bytes;
  };
}

/** Listener, method and host, up to the client's address. */
function createPlace(): Piece {
  let listener: string | undefined;
  let method = "";
  let host = "";
  let bytes = encode("");
  return (entry) => {
    if (entry.host !== host || entry.method !== method || entry.listener !== listener) {
      ({ listener, method, host } = entry);
      bytes = encode(
        `","listener":${quote(listener)},"method":${quote(method)}` +
          `,"host":${quote(host)},"client":"`,
      );
    }
    return bytes;
  };
}

/** Protocol, status, reason, route and upstream. */
function createOutcome(): Piece {
  let minorVersion = -1;
  let status = -1;
  let reason = "";
  let route = "";
  let upstream = "";
  let bytes = encode("");
  return (entry) => {
    const isSame =
      entry.status === status &&
      entry.route === route &&
      entry.upstream === upstream &&
      entry.reason === reason &&
      entry.minorVersion === minorVersion;
    if (!isSame) {
      ({ minorVersion, status, reason, route, upstream } = entry);
      bytes = encode(
        `","protocol":"HTTP/1.${minorVersion}","status":${status},"reason":${quote(reason)}` +
          `,"route":${quote(route)},"upstream":${quote(upstream)}`,
      );
    }
    return bytes;
  };
}

/** Endpoint and attempts, up to the duration. Neighbours take turns at endpoints. */
function createEndpoint(): Piece {
  const render = (endpoint: string, attempts: number): Buffer =>
    encode(`,"endpoint":${quote(endpoint)},"attempts":${attempts},"duration_ms":`);
  const first = createMemory((endpoint) => render(endpoint, 1));
  return ({ endpoint, attempts }) =>
    attempts === 1 ? first(endpoint) : render(endpoint, attempts);
}

/** The browser, up to the page it came from. */
function createBrowser(): Piece {
  const remembered = createMemory((agent) => encode(`,"user_agent":${quote(agent)},"referer":"`));
  let last: string | undefined;
  let bytes = encode("");
  return ({ userAgent }) => {
    if (userAgent !== last) {
      last = userAgent;
      bytes = remembered(userAgent);
    }
    return bytes;
  };
}

const REMEMBERED = 1_024;
/** Longer texts are rare but hostile: not worth keeping. */
const REMEMBERED_LENGTH = 256;

/** Remembers what was made of a bounded number of short texts. */
function createMemory(make: (text: string) => Buffer): (text: string) => Buffer {
  const made = new Map<string, Buffer>();
  return (text) => {
    let bytes = made.get(text);
    if (bytes === undefined && text.length > REMEMBERED_LENGTH) return make(text);
    if (bytes === undefined) {
      if (made.size >= REMEMBERED) made.clear();
      bytes = make(text);
      made.set(text, bytes);
    }
    return bytes;
  };
}
