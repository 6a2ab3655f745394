/**
 * Follows a chunked body (RFC 9112 section 7.1) by counting: payload is skipped, never copied, and
 * what is to be passed on is told as positions. Sizes are bare hex digits; extensions are checked
 * and left out; trailers are collected and judged apart.
 */
import { type Reason, reason } from "../../errors/catalogue.ts";
import { extensionTransitions, EXTENSION_BAD, EXTENSION_END } from "./chunk-extension.ts";
import type { ChunkScanner } from "./contract.ts";
import { CR, hexValue, LF } from "./octets.ts";
import { TrailerSection } from "./trailer-section.ts";

/** Bounds of chunk extensions, of one chunk and of a whole body. */
export const MOST_EXTENSION_BYTES = 1024;
export const MOST_BODY_EXTENSION_BYTES = 16_384;
/** Leading zeros count too. */
export const MOST_SIZE_DIGITS = 16;

const SEMICOLON = 0x3b;

const SIZE_START = 0;
const SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const PAYLOAD = 4;
const PAYLOAD_CR = 5;
const PAYLOAD_LF = 6;
/** Behind the last chunk. */
const END = 7;
const END_LF = 8;
const TRAILERS = 9;

/** A scanner for one chunked body. */
export function createChunkScanner(): ChunkScanner {
  return new CountingChunkScanner();
}

class CountingChunkScanner implements ChunkScanner {
  done = false;
  refusal: Reason | undefined = undefined;
  payloadBytes = 0;
  spans = new Int32Array(8);
  spanCount = 0;
  tail = "";
  #state = SIZE_START;
  /** While reading a size: its value; then the bytes of payload still to come. */
  #size = 0;
  #digits = 0;
  #extensionState = 0;
  #extensionBytes = 0;
  #bodyExtensionBytes = 0;
  #trailers: TrailerSection | undefined = undefined;
  /** Where the span being built starts; -1 for none. */
  #spanStart = -1;

  reset(): void {
    this.done = false;
    this.refusal = undefined;
    this.payloadBytes = 0;
    this.spanCount = 0;
    this.tail = "";
    this.#state = SIZE_START;
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#bodyExtensionBytes = 0;
    this.#trailers = undefined;
  }

  scan(bytes: Buffer, start: number, end: number, payloadOnly: boolean): number {
    this.spanCount = 0;
    if (this.done || this.refusal !== undefined) return start;
    this.#spanStart = payloadOnly || !this.#passes() ? -1 : start;
    let at = start;
    while (at < end && !this.done && this.refusal === undefined) {
      at =
        this.#state === PAYLOAD
          ? this.#skipPayload(at, end, payloadOnly)
          : this.#step(bytes[at]!, at, payloadOnly);
    }
    if (this.#spanStart >= 0) this.#endSpan(at);
    if (this.refusal !== undefined) this.spanCount = 0;
    if (payloadOnly) this.tail = "";
    return at;
  }

  /** Whether the octets of this state are passed on. */
  #passes(): boolean {
    return this.#state !== EXTENSION && this.#state !== TRAILERS;
  }

  #skipPayload(at: number, end: number, payloadOnly: boolean): number {
    const taken = Math.min(end - at, this.#size);
    this.#size -= taken;
    this.payloadBytes += taken;
    if (payloadOnly) this.#addSpan(at, at + taken);
    if (this.#size === 0) this.#state = PAYLOAD_CR;
    return at + taken;
  }

  /** Takes the octet at `at` and returns the next position. */
  #step(octet: number, at: number, payloadOnly: boolean): number {
    switch (this.#state) {
      case SIZE_START:
      case SIZE:
        this.#stepSize(octet, at);
        break;
      case EXTENSION:
        this.#stepExtension(octet, at, payloadOnly);
        break;
      case SIZE_LF:
        this.#expect(octet, LF, this.#size === 0 ? END : PAYLOAD);
        break;
      case PAYLOAD_CR:
        this.#expect(octet, CR, PAYLOAD_LF);
        break;
      case PAYLOAD_LF:
        this.#startSize();
        this.#expect(octet, LF, SIZE_START);
        break;
      case END:
        this.#stepEnd(octet, at);
        break;
      case END_LF:
        this.#expect(octet, LF, END_LF);
        this.done = this.refusal === undefined;
        break;
      default:
        this.#stepTrailer(octet);
    }
    return at + 1;
  }

  #startSize(): void {
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
  }

  #stepSize(octet: number, at: number): void {
    const digit = hexValue[octet]!;
    if (digit < 16) {
      this.#size = this.#size * 16 + digit;
      const tooMany = ++this.#digits > MOST_SIZE_DIGITS;
      if (tooMany || this.#size > Number.MAX_SAFE_INTEGER - this.payloadBytes) {
        this.refusal = reason.bad_chunk;
      }
      this.#state = SIZE;
    } else if (this.#state === SIZE_START) this.refusal = reason.bad_chunk;
    else if (octet === SEMICOLON) {
      if (this.#spanStart >= 0) this.#endSpan(at);
      this.#extensionState = 0;
      this.#state = EXTENSION;
      this.#countExtension();
    } else this.#expect(octet, CR, SIZE_LF);
  }

  #stepExtension(octet: number, at: number, payloadOnly: boolean): void {
    this.#extensionState = extensionTransitions[this.#extensionState * 256 + octet]!;
    if (this.#extensionState === EXTENSION_END) {
      if (!payloadOnly) this.#spanStart = at;
      this.#state = SIZE_LF;
      return;
    }
    this.#countExtension();
    if (this.#extensionState === EXTENSION_BAD) this.refusal = reason.bad_chunk;
  }

  #countExtension(): void {
    const tooLong =
      ++this.#extensionBytes > MOST_EXTENSION_BYTES ||
      ++this.#bodyExtensionBytes > MOST_BODY_EXTENSION_BYTES;
    if (tooLong) this.refusal = reason.bad_chunk;
  }

  #stepEnd(octet: number, at: number): void {
    if (octet === CR) {
      this.#state = END_LF;
      return;
    }
    if (this.#spanStart >= 0) this.#endSpan(at);
    this.#trailers = new TrailerSection();
    this.#state = TRAILERS;
    this.#stepTrailer(octet);
  }

  #stepTrailer(octet: number): void {
    const trailers = this.#trailers!;
    trailers.feed(octet);
    if (trailers.state === "bad") this.refusal = reason.bad_trailer;
    if (trailers.state !== "done") return;
    this.tail = trailers.text();
    this.#trailers = undefined;
    this.done = true;
  }

  #expect(octet: number, wanted: number, next: number): void {
    if (octet === wanted) this.#state = next;
    else this.refusal = reason.bad_chunk;
  }

  #endSpan(at: number): void {
    const from = this.#spanStart;
    this.#spanStart = -1;
    if (at > from) this.#addSpan(from, at);
  }

  #addSpan(from: number, to: number): void {
    const at = this.spanCount * 2;
    if (at === this.spans.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.spans);
      this.spans = grown;
    }
    this.spans[at] = from;
    this.spans[at + 1] = to;
    this.spanCount++;
  }
}
