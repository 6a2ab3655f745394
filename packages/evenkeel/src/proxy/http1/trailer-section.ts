/**
 * Collects the trailer section of a chunked body, validates it like a head, and keeps what may
 * cross. A field is judged only when its line is whole, so the section is copied: it is rare and
 * small.
 */
import { CR, COLON, HTAB, LF, notToken, notValue, SP } from "./octets.ts";

/** The section's bounds. */
export const MOST_TRAILER_BYTES = 8192;
export const MOST_TRAILER_FIELDS = 100;

/** Fields that frame, route or guard a message, or that a recipient may merge into the head: as a
 * trailer they come too late to be judged (RFC 9110 section 6.5.1). */
const forbidden = new Set([
  "age",
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "expect",
  "expires",
  "forwarded",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "keep-alive",
  "location",
  "max-forwards",
  "pragma",
  "range",
  "retry-after",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "via",
  "warning",
  "www-authenticate",
  "x-real-ip",
]);
const forbiddenPrefixes = ["x-forwarded-", "proxy-"];

/** Whether a trailer field with this lower-case name may be passed on. */
export function mayTrail(name: string): boolean {
  return !forbidden.has(name) && !forbiddenPrefixes.some((prefix) => name.startsWith(prefix));
}

type State = "line" | "name" | "value" | "value-lf" | "end-lf" | "done" | "bad";

/** One trailer section, fed octet by octet; finished when `state` is done or bad. */
export class TrailerSection {
  state: State = "line";
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;
  #lineStart = 0;
  #nameEnd = 0;
  #total = 0;
  #fields = 0;

  /** The fields that may cross, each with its line end, and the empty line. */
  text(): string {
    return `${this.#bytes.toString("latin1", 0, this.#length)}\r\n`;
  }

  feed(octet: number): void {
    if (++this.#total > MOST_TRAILER_BYTES) {
      this.state = "bad";
      return;
    }
    this.state = this.#next(octet);
    if (this.state === "done" || this.state === "bad") return;
    this.#append(octet);
    if (octet === LF) this.#endLine();
  }

  #next(octet: number): State {
    switch (this.state) {
      case "line":
        return octet === CR ? "end-lf" : this.#startField(octet);
      case "name":
        return this.#continueName(octet);
      case "value":
        if (octet === CR) return "value-lf";
        return notValue[octet] === 0 ? "value" : "bad";
      case "value-lf":
        return octet === LF ? "line" : "bad";
      case "end-lf":
        return octet === LF ? "done" : "bad";
      case "done":
      case "bad":
        return this.state;
      default:
        return this.state satisfies never;
    }
  }

  #startField(octet: number): State {
    this.#fields++;
    return notToken[octet] === 0 && this.#fields <= MOST_TRAILER_FIELDS ? "name" : "bad";
  }

  #continueName(octet: number): State {
    if (octet !== COLON) return notToken[octet] === 0 ? "name" : "bad";
    this.#nameEnd = this.#length;
    return "value";
  }

  #append(octet: number): void {
    // The CR of the empty line is not kept: `text` ends the section itself.
    if (this.state === "end-lf") return;
    if (this.#length === this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    this.#bytes[this.#length++] = octet;
  }

  /** Drops the line again where its field must not cross, else writes it anew. */
  #endLine(): void {
    const name = this.#bytes.toString("latin1", this.#lineStart, this.#nameEnd);
    if (mayTrail(name.toLowerCase())) {
      this.#trimValue();
      this.#lineStart = this.#length;
    } else this.#length = this.#lineStart;
  }

  /** One space before the value, none behind. */
  #trimValue(): void {
    const bytes = this.#bytes;
    let start = this.#nameEnd + 1;
    let end = this.#length - 2;
    while (end > start && isBlank(bytes[end - 1]!)) end--;
    while (start < end && isBlank(bytes[start]!)) start++;
    const value = bytes.toString("latin1", start, end);
    this.#length = this.#nameEnd;
    for (const character of `: ${value}\r\n`) this.#append(character.charCodeAt(0));
  }
}

function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB;
}
