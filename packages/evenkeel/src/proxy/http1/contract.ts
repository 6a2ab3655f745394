/**
 * What the HTTP/1 codec hands to the proxy. One parser object serves a whole worker: its fields
 * describe the head parsed last and are overwritten by the next, so a caller takes what it needs
 * before it returns to the event loop.
 */
import type { Reason } from "../../errors/catalogue.ts";

/** Columns of one header field in `fields`: positions in `text`. */
export const FIELD_NAME_START = 0;
export const FIELD_NAME_END = 1;
export const FIELD_VALUE_START = 2;
export const FIELD_VALUE_END = 3;
/** A `fieldId`, 0 where the name is none of the known ones. */
export const FIELD_ID = 4;
export const FIELD_COLUMNS = 5;

/** The names a proxy has to look at. All others are only passed on. */
export const fieldId = {
  other: 0,
  host: 1,
  connection: 2,
  contentLength: 3,
  transferEncoding: 4,
  upgrade: 5,
  expect: 6,
  te: 7,
  trailer: 8,
  keepAlive: 9,
  proxyConnection: 10,
  proxyAuthorization: 11,
  proxyAuthenticate: 12,
  via: 13,
  forwarded: 14,
  xForwardedFor: 15,
  xForwardedProto: 16,
  xForwardedHost: 17,
  xRealIp: 18,
  cookie: 19,
  setCookie: 20,
  date: 21,
  server: 22,
  accept: 23,
  idempotencyKey: 24,
  retryAfter: 25,
  userAgent: 26,
  referer: 27,
  http2Settings: 28,
  maxForwards: 29,
  location: 30,
  contentType: 31,
  /** Must not cross: named by the Connection header of this very message (those that are
   * hop-by-hop anyway keep their id), a `Content-Length: 0` of a 1xx or 204, an `Expect` of
   * HTTP/1.0, or what is written anew. */
  namedByConnection: 63,
} as const;

/** How the bytes behind a head end. */
export type Framing = "none" | "length" | "chunked" | "until_close";

/** Outcome of `parse`: a head's length in bytes (above zero), or one of these. */
export const NEED_MORE = 0;
/** The message is refused; `refusal` says why. */
export const REFUSED = -1;

interface ParsedHead {
  /** What the head stands in, good until the next bytes are read. Field positions point into it. */
  readonly bytes: Buffer;
  /** The head is bytes[start, end), without what came before or after. */
  readonly start: number;
  readonly end: number;
  /** The same as latin1 text, made anew each time. */
  readonly text: string;
  readonly fieldCount: number;
  /** `fieldCount` rows of `FIELD_COLUMNS` columns. Values come without surrounding white space. */
  readonly fields: Int32Array;
  /** 0 or 1: the minor HTTP version. */
  readonly minorVersion: number;
  readonly framing: Framing;
  /** With framing `length`: the body's bytes, above zero; else 0. A `Content-Length: 0` is framing
   * `none`, its row stays. */
  readonly contentLength: number;
  /** What the version and `Connection` say together. */
  readonly keepAlive: boolean;
  /** The `Upgrade` field's row where `Connection` names it too; -1 for none. */
  readonly upgradeField: number;
  readonly refusal: Reason | undefined;
  /** First row with that id, counted in rows; -1 for none. */
  find(id: number): number;
  /** More than one field of a known name came. */
  isRepeated(id: number): boolean;
  /** A field's value by lower-case name; repeated ones joined by ", ", cookies by "; "; undefined for
   * none. */
  header(name: string): string | undefined;
}

export interface RequestHead extends ParsedHead {
  readonly method: string;
  readonly isHead: boolean;
  /** RFC 9110: GET, HEAD, OPTIONS, TRACE, PUT, DELETE. */
  readonly isIdempotent: boolean;
  /** In origin form, as sent: path and query; "*" for OPTIONS *; absolute form is reduced to it.
   * Made anew each time. */
  readonly target: string;
  /** Where it stands in `bytes`, whatever its form. */
  readonly targetStart: number;
  readonly targetEnd: number;
  /** How the target came; with neither it is "*". */
  readonly isOriginForm: boolean;
  readonly isAbsoluteForm: boolean;
  /** Lower case, without port and without a dot at its end, IPv6 in brackets; from the absolute
   * form where that was used. Empty for HTTP/1.0 requests without one. */
  readonly host: string;
  /** `host` as sent, port included: what goes into the forwarded `Host`. */
  readonly authority: string;
  readonly expectsContinue: boolean;
}

export interface ResponseHead extends ParsedHead {
  readonly status: number;
  /** The reason phrase as sent, maybe empty. */
  readonly phrase: string;
}

export interface HeadLimits {
  /** Of the request or status line, without its CR LF. */
  readonly lineBytes: number;
  /** Of all behind that line: the header fields with their line ends, and the empty line. */
  readonly headerBytes: number;
  /** Header fields; below 65,536. */
  readonly headerCount: number;
}

/** Parses heads. `resume` is 0 for new bytes; after NEED_MORE the caller keeps `parser.resume` and
 * hands it back with the same bytes and more behind them, so that trickling bytes cost no more
 * than arriving at once. The verdict never depends on where reads were split. */
export interface RequestParser extends RequestHead {
  readonly resume: number;
  parse(bytes: Buffer, start: number, end: number, resume: number, limits: HeadLimits): number;
}

/** Response framing depends on what was asked (RFC 9112 section 6.3), so the method's kind is needed. */
export interface ResponseParser extends ResponseHead {
  readonly resume: number;
  parse(
    bytes: Buffer,
    start: number,
    end: number,
    resume: number,
    limits: HeadLimits,
    requestWasHead: boolean,
  ): number;
}

/** Follows one chunked body over any number of reads; small, one per body. */
export interface ChunkScanner {
  /** The last chunk and the trailers are complete. */
  readonly done: boolean;
  readonly refusal: Reason | undefined;
  /** Bytes of payload seen so far. */
  readonly payloadBytes: number;
  /** Pairs [from, to) of the last `scan`: with `payloadOnly` the payload, else everything to pass
   * on (chunk headers in canonical form, payload, the end), extensions left out. Positions are of
   * the scanned buffer. None where it was refused. */
  readonly spans: Int32Array;
  readonly spanCount: number;
  /** What to send behind the last span once `done`, as latin1: the trailer fields that may cross
   * and the empty line. Empty where there were no trailers (the empty line is in the spans then)
   * and with `payloadOnly`. */
  readonly tail: string;
  /** Reads from `start`; returns where it stopped: `end`, or just behind the body once `done`, or
   * anywhere when refused. `payloadOnly` must be the same for all of one body. */
  scan(bytes: Buffer, start: number, end: number, payloadOnly: boolean): number;
  /** As new, for another body. */
  reset(): void;
}
