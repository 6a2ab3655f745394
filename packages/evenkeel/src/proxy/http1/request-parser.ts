/**
 * Parses request heads, strictly: what two parsers could read in two ways is refused, never
 * repaired (RFC 9112 sections 2 to 6). `test/corpus` has every rule as an example.
 */
import { equalsIgnoringCase } from "./ascii.ts";
import { BAD_AUTHORITY, readAuthority } from "./authority.ts";
import { readContentLength, readTransferEncoding } from "./body-framing.ts";
import {
  CONNECTION_BAD,
  CONNECTION_CLOSE,
  CONNECTION_KEEP_ALIVE,
  CONNECTION_UPGRADE,
  readConnection,
} from "./connection-options.ts";
import {
  FIELD_COLUMNS,
  FIELD_ID,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  fieldId,
  type HeadLimits,
  NEED_MORE,
  REFUSED,
  type RequestParser,
} from "./contract.ts";
import { HeadScan } from "./head-scan.ts";
import { latin1 } from "./latin1.ts";
import { CR, LF, hexValue, notTarget, notToken, PERCENT, SP } from "./octets.ts";
import { Recent } from "./recent.ts";
import { requestProgress } from "./request-progress.ts";
import { knownMethod } from "./request-methods.ts";
import { pathStart, readTargetForm } from "./request-target.ts";
import { isHttp11, skipTarget, wordOf } from "./words.ts";

// As constants of this module they cost nothing to reach in compiled code (see head-scan.ts).
const targetTable = notTarget;
const tokenTable = notToken;
const version = Buffer.from("HTTP/");
/** "HTTP/1.1" */
const VERSION_OCTETS = 8;
/** The same with its line end. */
const VERSION_LINE_OCTETS = 10;
const GET = wordOf("GET ");
const CR_LF = 0x0a0d;
const DOT = 0x2e;

/** A parser for one worker. It is made once and parses every request head of its worker. */
export function createRequestParser(): RequestParser {
  return new StrictRequestParser();
}

class StrictRequestParser extends HeadScan implements RequestParser {
  method = "";
  isHead = false;
  isIdempotent = false;
  host = "";
  authority = "";
  isOriginForm = false;
  isAbsoluteForm = false;
  expectsContinue = false;
  targetStart = 0;
  targetEnd = 0;
  readonly #authorities = new Recent(nameAuthority);
  /** Where it did not come in origin form. */
  #otherTarget = "";
  #majorVersion = 1;

  get target(): string {
    const { bytes, targetStart, targetEnd } = this;
    return this.isOriginForm ? latin1(bytes, targetStart, targetEnd) : this.#otherTarget;
  }

  parse(bytes: Buffer, start: number, end: number, resume: number, limits: HeadLimits): number {
    if (resume !== 0) {
      this.resume = requestProgress.follow(bytes, start, end, resume, limits);
      if (this.resume !== 0) return NEED_MORE;
    }
    this.refusal = undefined;
    const length = this.#scan(bytes, start, end, limits);
    if (length === NEED_MORE) {
      this.resume = requestProgress.follow(bytes, start, end, 0, limits);
    }
    return length;
  }

  #scan(bytes: Buffer, start: number, end: number, limits: HeadLimits): number {
    const origin = this.#skipEmptyLine(bytes, start, end);
    if (origin < 0) return REFUSED;

    const view = this.words.of(bytes);
    const lineLimit = origin + limits.lineBytes + 2;
    const fieldsStart = this.#scanLine(bytes, view, origin, Math.min(end, lineLimit));
    if (fieldsStart === NEED_MORE) {
      return end < lineLimit ? NEED_MORE : this.refuse("request_line_too_long");
    }
    if (fieldsStart < 0) return REFUSED;

    const limit = fieldsStart + limits.headerBytes;
    const headEnd = this.scanFields(
      bytes,
      view,
      fieldsStart,
      Math.min(end, limit),
      limits.headerCount,
    );
    if (headEnd === NEED_MORE) return end < limit ? NEED_MORE : this.refuse("headers_too_large");
    if (headEnd < 0) return REFUSED;

    this.bytes = bytes;
    this.start = origin;
    this.end = headEnd;
    return this.#judge() ? headEnd - start : REFUSED;
  }

  /** One empty line before a request is left over by old clients and skipped, as RFC 9112 section
   * 2.2 wants. Returns where the request line starts; REFUSED where CR is not followed by LF. */
  #skipEmptyLine(bytes: Buffer, start: number, end: number): number {
    if (start >= end || bytes[start] !== CR) return start;
    if (start + 1 >= end) return end;
    return bytes[start + 1] === LF ? start + 2 : this.refuse("bad_line_ending");
  }

  /** Method SP target SP version CR LF. Returns the position behind it, NEED_MORE or REFUSED. */
  #scanLine(bytes: Buffer, view: DataView, origin: number, end: number): number {
    let at = origin;
    // Nearly every request.
    if (origin + 4 <= end && view.getInt32(origin, true) === GET) at += 3;
    while (at < end && tokenTable[bytes[at]!] === 0) at++;
    if (at >= end) return NEED_MORE;
    if (bytes[at] !== SP || at === origin) return this.#refuseLine(bytes[at]!);
    const methodEnd = at;

    const targetEnd = this.#scanTarget(bytes, skipTarget(view, at + 1, end), at + 1, end);
    if (targetEnd <= 0) return targetEnd;
    const next = this.#scanVersion(bytes, view, targetEnd + 1, end);
    if (next <= 0) return next;
    if (this.#majorVersion !== 1 || this.minorVersion > 1) {
      return this.refuse("version_not_supported");
    }
    this.targetStart = methodEnd + 1;
    this.targetEnd = targetEnd;
    return next;
  }

  /** The position of the space behind the target, NEED_MORE or REFUSED. What is before `from` needs
   * no more looking at. */
  #scanTarget(bytes: Buffer, from: number, start: number, end: number): number {
    let at = from;
    for (;;) {
      while (at < end && targetTable[bytes[at]!] === 0) at++;
      if (at >= end) return NEED_MORE;
      const octet = bytes[at]!;
      if (octet === SP && at > start) return at;
      if (octet !== PERCENT) return this.#refuseTarget(octet);
      const verdict = this.#judgeEscape(bytes, at + 1, end);
      if (verdict <= 0) return verdict;
      at += 3;
    }
  }

  /** Two hex digits that are not both zero: above zero for good ones, NEED_MORE or REFUSED. */
  #judgeEscape(bytes: Buffer, at: number, end: number): number {
    if (at >= end) return NEED_MORE;
    const high = hexValue[bytes[at]!]!;
    if (high > 15) return this.#refuseTarget(bytes[at]!);
    if (at + 1 >= end) return NEED_MORE;
    const low = hexValue[bytes[at + 1]!]!;
    if (low > 15) return this.#refuseTarget(bytes[at + 1]!);
    return (high | low) === 0 ? this.refuse("bad_target") : 1;
  }

  #scanVersion(bytes: Buffer, view: DataView, start: number, end: number): number {
    if (start + VERSION_LINE_OCTETS <= end && isVersionLine(view, start)) {
      this.#majorVersion = this.minorVersion = 1;
      return start + VERSION_LINE_OCTETS;
    }
    const line = start + VERSION_OCTETS;
    const available = Math.min(end, line);
    for (let at = start; at < available; at++) {
      if (!isVersionOctet(bytes[at]!, at - start)) return this.#refuseLine(bytes[at]!);
    }
    if (line >= end) return NEED_MORE;
    if (bytes[line] !== CR) return this.#refuseLine(bytes[line]!);
    if (line + 1 >= end) return NEED_MORE;
    if (bytes[line + 1] !== LF) return this.refuse("bad_line_ending");
    this.#majorVersion = bytes[start + 5]! - 0x30;
    this.minorVersion = bytes[start + 7]! - 0x30;
    return line + 2;
  }

  #refuseLine(octet: number): number {
    return this.refuse(octet === LF ? "bad_line_ending" : "bad_request_line");
  }

  /** A line that ends or pauses too early is no matter of the target. */
  #refuseTarget(octet: number): number {
    if (octet === CR || octet === LF || octet === SP) return this.#refuseLine(octet);
    return this.refuse("bad_target");
  }

  /** What only the whole head can tell. */
  #judge(): boolean {
    return (
      this.#judgeMethod() &&
      this.#judgeHost() &&
      this.#judgeTarget() &&
      this.#judgeFraming() &&
      this.#judgeConnection() &&
      this.#judgeExpectation()
    );
  }

  #fail(code: Parameters<HeadScan["refuse"]>[0]): false {
    this.refuse(code);
    return false;
  }

  #judgeMethod(): boolean {
    const { bytes, start } = this;
    const end = this.targetStart - 1;
    const known = knownMethod(bytes, start, end);
    this.method = known === undefined ? latin1(bytes, start, end) : known.name;
    this.isIdempotent = known !== undefined && known.isIdempotent;
    this.isHead = this.method === "HEAD";
    return this.method === "CONNECT" ? this.#fail("method_not_supported") : true;
  }

  #judgeHost(): boolean {
    this.host = "";
    this.authority = "";
    if (!this.has(fieldId.host)) return this.minorVersion === 0 ? true : this.#fail("bad_host");
    if (this.isRepeated(fieldId.host)) return this.#fail("bad_host");
    const at = this.find(fieldId.host) * FIELD_COLUMNS;
    const start = this.fields[at + FIELD_VALUE_START]!;
    const end = this.fields[at + FIELD_VALUE_END]!;
    return this.#takeAuthority(start, end) ? true : this.#fail("bad_host");
  }

  #takeAuthority(start: number, end: number): boolean {
    const authority = this.#authorities.of(this.bytes, start, end);
    if (authority === undefined) return false;
    this.host = authority.host;
    this.authority = authority.text;
    return true;
  }

  #judgeTarget(): boolean {
    const start = this.targetStart;
    const end = this.targetEnd;
    const form = readTargetForm(this.bytes, start, end);
    this.isOriginForm = form === "origin";
    this.isAbsoluteForm = form === "absolute";
    if (form === "origin") return true;
    if (form === "asterisk") {
      this.#otherTarget = "*";
      return this.method === "OPTIONS" ? true : this.#fail("bad_target");
    }
    return form === "absolute" ? this.#reduceAbsolute(start, end) : this.#fail("bad_target");
  }

  /** The authority of an absolute target replaces `Host` (RFC 9112 section 3.2.2). */
  #reduceAbsolute(start: number, end: number): boolean {
    const { bytes } = this;
    const authorityStart = bytes.indexOf("//", start) + 2;
    const path = pathStart(bytes, authorityStart, end);
    if (!this.#takeAuthority(authorityStart, path)) return this.#fail("bad_target");
    const rest = latin1(bytes, path, end);
    if (rest === "") this.#otherTarget = this.method === "OPTIONS" ? "*" : "/";
    else this.#otherTarget = rest.startsWith("?") ? `/${rest}` : rest;
    return true;
  }

  #judgeFraming(): boolean {
    this.framing = "none";
    this.contentLength = 0;
    const hasLength = this.has(fieldId.contentLength);
    if (this.has(fieldId.transferEncoding)) {
      return hasLength ? this.#fail("ambiguous_length") : this.#judgeCoding();
    }
    if (!hasLength) return true;
    if (this.isRepeated(fieldId.contentLength)) return this.#fail("bad_content_length");
    const at = this.find(fieldId.contentLength) * FIELD_COLUMNS;
    const start = this.fields[at + FIELD_VALUE_START]!;
    const length = readContentLength(this.bytes, start, this.fields[at + FIELD_VALUE_END]!);
    if (length < 0) return this.#fail("bad_content_length");
    this.framing = length === 0 ? "none" : "length";
    this.contentLength = length;
    return true;
  }

  #judgeCoding(): boolean {
    if (this.isRepeated(fieldId.transferEncoding) || this.minorVersion === 0) {
      return this.#fail("bad_transfer_encoding");
    }
    const at = this.find(fieldId.transferEncoding) * FIELD_COLUMNS;
    const start = this.fields[at + FIELD_VALUE_START]!;
    const coding = readTransferEncoding(this.bytes, start, this.fields[at + FIELD_VALUE_END]!);
    if (coding === "malformed") return this.#fail("bad_transfer_encoding");
    if (coding === "unsupported") return this.#fail("unsupported_transfer_encoding");
    this.framing = "chunked";
    return true;
  }

  #judgeConnection(): boolean {
    const said = this.has(fieldId.connection) ? readConnection(this) : 0;
    if ((said & CONNECTION_BAD) !== 0) return this.#fail("bad_header");
    const persists = this.minorVersion === 1 || (said & CONNECTION_KEEP_ALIVE) !== 0;
    this.keepAlive = persists && (said & CONNECTION_CLOSE) === 0;
    this.upgradeField = (said & CONNECTION_UPGRADE) !== 0 ? this.#findUpgrade() : -1;
    return true;
  }

  /** HTTP/1.0 can't upgrade (RFC 9110 section 7.8); two wishes or an empty one are no wish. */
  #findUpgrade(): number {
    if (this.minorVersion === 0 || this.isRepeated(fieldId.upgrade)) return -1;
    const row = this.find(fieldId.upgrade);
    const at = row * FIELD_COLUMNS;
    return row >= 0 && this.fields[at + FIELD_VALUE_START] !== this.fields[at + FIELD_VALUE_END]
      ? row
      : -1;
  }

  #judgeExpectation(): boolean {
    this.expectsContinue = false;
    if (!this.has(fieldId.expect)) return true;
    if (this.isRepeated(fieldId.expect)) return this.#fail("expectation_failed");
    const at = this.find(fieldId.expect) * FIELD_COLUMNS;
    const start = this.fields[at + FIELD_VALUE_START]!;
    const end = this.fields[at + FIELD_VALUE_END]!;
    if (!equalsIgnoringCase(this.bytes, start, end, "100-continue")) {
      return this.#fail("expectation_failed");
    }
    // HTTP/1.0 has no interim answers: the expectation is to be ignored (RFC 9110 section 10.1.1),
    // and must not reach an origin, to which it would come in HTTP/1.1.
    this.expectsContinue = this.minorVersion === 1;
    if (!this.expectsContinue) this.fields[at + FIELD_ID] = fieldId.namedByConnection;
    return true;
  }
}

/** "HTTP/1.1" and a line end. */
function isVersionLine(view: DataView, at: number): boolean {
  return isHttp11(view, at) && view.getInt16(at + VERSION_OCTETS, true) === CR_LF;
}

interface Authority {
  /** As it stands. */
  readonly text: string;
  /** In lower case, without port. */
  readonly host: string;
}

function nameAuthority(
  bytes: Buffer,
  start: number,
  end: number,
  text: string,
): Authority | undefined {
  const read = readAuthority(bytes, start, end);
  if (read === BAD_AUTHORITY) return undefined;
  const hostEnd = read >> 1;
  // A dot at the end says "not relative", which no host in a request is.
  const nameEnd = bytes[hostEnd - 1] === DOT ? hostEnd - 1 : hostEnd;
  const name = text.slice(0, nameEnd - start);
  return { text, host: (read & 1) === 1 ? name.toLowerCase() : name };
}

/** Whether `octet` may stand at `index` of a version: "HTTP/", digit, dot, digit. */
function isVersionOctet(octet: number, index: number): boolean {
  if (index < version.length) return octet === version[index];
  return index === 6 ? octet === DOT : octet >= 0x30 && octet <= 0x39;
}
