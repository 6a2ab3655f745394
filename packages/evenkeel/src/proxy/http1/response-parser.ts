/**
 * Parses response heads as strictly as requests: an answer that two parsers could read in two ways
 * would let an origin, or whoever speaks through it, answer other clients' requests. Every refusal
 * is `bad_response`, or `response_header_too_large` for the limits.
 */
import { type Reason, reason } from "../../errors/catalogue.ts";
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
  type ResponseParser,
} from "./contract.ts";
import { HeadScan } from "./head-scan.ts";
import { latin1 } from "./latin1.ts";
import { CR, LF, notValue, SP } from "./octets.ts";
import { responseProgress } from "./response-progress.ts";
import { isHttp11 } from "./words.ts";

const version = Buffer.from("HTTP/1.");
/** "HTTP/1.1 200" */
const VERSION_OCTETS = 8;
const STATUS_START = 9;
const STATUS_END = 12;

/** A parser for one worker. It is made once and parses every response head of its worker. */
export function createResponseParser(): ResponseParser {
  return new StrictResponseParser();
}

class StrictResponseParser extends HeadScan implements ResponseParser {
  status = 0;
  #phraseEnd = 0;

  get phrase(): string {
    // With the space missing too, the end is before the start.
    const start = this.start + STATUS_END + 1;
    return start < this.#phraseEnd ? latin1(this.bytes, start, this.#phraseEnd) : "";
  }

  #requestWasHead = false;

  // oxlint-disable-next-line max-params -- an object per call would be one per response
  parse(
    bytes: Buffer,
    start: number,
    end: number,
    resume: number,
    limits: HeadLimits,
    requestWasHead: boolean,
  ): number {
    if (resume !== 0) {
      this.resume = responseProgress.follow(bytes, start, end, resume, limits);
      if (this.resume !== 0) return NEED_MORE;
    }
    this.refusal = undefined;
    this.#requestWasHead = requestWasHead;
    const length = this.#scan(bytes, start, end, limits);
    if (length === NEED_MORE) {
      this.resume = responseProgress.follow(bytes, start, end, 0, limits);
    }
    return length;
  }

  #scan(bytes: Buffer, start: number, end: number, limits: HeadLimits): number {
    const view = this.words.of(bytes);
    const lineLimit = start + limits.lineBytes + 2;
    const fieldsStart = this.#scanLine(bytes, view, start, Math.min(end, lineLimit));
    if (fieldsStart === NEED_MORE) return end < lineLimit ? NEED_MORE : this.#refuseSize();
    if (fieldsStart < 0) return this.#refuseAnswer();

    const limit = fieldsStart + limits.headerBytes;
    const headEnd = this.scanFields(
      bytes,
      view,
      fieldsStart,
      Math.min(end, limit),
      limits.headerCount,
    );
    if (headEnd === NEED_MORE) return end < limit ? NEED_MORE : this.#refuseSize();
    if (headEnd < 0) return isSize(this.refusal) ? this.#refuseSize() : this.#refuseAnswer();

    this.bytes = bytes;
    this.start = start;
    this.end = headEnd;
    return this.#judge() ? headEnd - start : this.#refuseAnswer();
  }

  #refuseSize(): number {
    return this.refuse("response_header_too_large");
  }

  #refuseAnswer(): number {
    return this.refuse("bad_response");
  }

  /** "HTTP/1." digit SP three digits [SP phrase] CR LF. Returns the position behind it, NEED_MORE
   * or REFUSED. The space before a missing phrase is missing too in some answers. */
  #scanLine(bytes: Buffer, view: DataView, start: number, end: number): number {
    const statusEnd = start + STATUS_END;
    const available = Math.min(end, statusEnd);
    const isUsual = statusEnd <= end && isHttp11(view, start);
    for (let at = isUsual ? start + VERSION_OCTETS : start; at < available; at++) {
      if (!isStatusOctet(bytes[at]!, at - start)) return REFUSED;
    }
    if (statusEnd >= end) return NEED_MORE;

    let at = statusEnd;
    if (bytes[at] === SP) {
      do at++;
      while (at < end && notValue[bytes[at]!] === 0);
      if (at >= end) return NEED_MORE;
    }
    if (bytes[at] !== CR) return REFUSED;
    if (at + 1 >= end) return NEED_MORE;
    if (bytes[at + 1] !== LF) return REFUSED;

    this.minorVersion = bytes[start + 7]! - 0x30;
    const digits = start + STATUS_START;
    this.status = bytes[digits]! * 100 + bytes[digits + 1]! * 10 + bytes[digits + 2]! - 0x30 * 111;
    this.#phraseEnd = at;
    return at + 2;
  }

  /** What only the whole head can tell. */
  #judge(): boolean {
    const said = this.has(fieldId.connection) ? readConnection(this) : 0;
    if ((said & CONNECTION_BAD) !== 0 || !this.#judgeFraming()) return false;
    const persists = this.minorVersion === 1 || (said & CONNECTION_KEEP_ALIVE) !== 0;
    this.keepAlive = persists && (said & CONNECTION_CLOSE) === 0 && this.framing !== "until_close";
    this.upgradeField = (said & CONNECTION_UPGRADE) !== 0 ? this.find(fieldId.upgrade) : -1;
    // 101 without saying to what leaves nobody knowing what the bytes behind it are.
    return this.status !== 101 || (this.upgradeField >= 0 && this.minorVersion === 1);
  }

  /** RFC 9112 section 6.3. Fields that would frame a body are read even where none follows, so that
   * a cache or a client behind does not stumble over them. */
  #judgeFraming(): boolean {
    const length = this.#readLength();
    const isChunked = this.has(fieldId.transferEncoding);
    if (length === BAD_LENGTH || (isChunked && !this.#isChunkedOnly(length))) return false;

    this.contentLength = 0;
    this.framing = "none";
    if (this.status < 200 || this.status === 204) return this.#judgeBodiless(length, isChunked);
    if (this.#requestWasHead || this.status === 304) return true;
    if (isChunked) this.framing = "chunked";
    else if (length === NO_LENGTH) this.framing = "until_close";
    else if (length > 0) {
      this.framing = "length";
      this.contentLength = length;
    }
    return true;
  }

  /** 1xx and 204 must have neither field (RFC 9112 section 6.1). A length of zero says the same and
   * is common, so it is only kept from crossing; anything else is two stories about one body. */
  #judgeBodiless(length: number, isChunked: boolean): boolean {
    if (isChunked || length > 0) return false;
    const row = this.find(fieldId.contentLength);
    if (row >= 0) this.fields[row * FIELD_COLUMNS + FIELD_ID] = fieldId.namedByConnection;
    return true;
  }

  #readLength(): number {
    if (!this.has(fieldId.contentLength)) return NO_LENGTH;
    if (this.isRepeated(fieldId.contentLength)) return BAD_LENGTH;
    const at = this.find(fieldId.contentLength) * FIELD_COLUMNS;
    const start = this.fields[at + FIELD_VALUE_START]!;
    const length = readContentLength(this.bytes, start, this.fields[at + FIELD_VALUE_END]!);
    return length < 0 ? BAD_LENGTH : length;
  }

  #isChunkedOnly(length: number): boolean {
    if (length !== NO_LENGTH || this.minorVersion === 0) return false;
    if (this.isRepeated(fieldId.transferEncoding)) return false;
    const at = this.find(fieldId.transferEncoding) * FIELD_COLUMNS;
    const start = this.fields[at + FIELD_VALUE_START]!;
    return (
      readTransferEncoding(this.bytes, start, this.fields[at + FIELD_VALUE_END]!) === "chunked"
    );
  }
}

const NO_LENGTH = -1;
const BAD_LENGTH = -2;

function isSize(refusal: Reason | undefined): boolean {
  return refusal === reason.too_many_headers;
}

/** Whether `octet` may stand at `index` of "HTTP/1.1 200". Statuses above 599 have no meaning that
 * a client could rely on. */
function isStatusOctet(octet: number, index: number): boolean {
  if (index < version.length) return octet === version[index];
  if (index === 7) return octet === 0x30 || octet === 0x31;
  if (index === 8) return octet === SP;
  return index === STATUS_START ? octet >= 0x31 && octet <= 0x35 : octet >= 0x30 && octet <= 0x39;
}
