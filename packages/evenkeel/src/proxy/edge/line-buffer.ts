/**
 * Text being put together as bytes. Log lines are made of a few dozen pieces; joining those as
 * strings and encoding the result costs more than twice as much as placing each where it belongs.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const POINT = 0x2e;
/** Of one character in `json`: a backslash, "u" and four digits. */
const LONGEST_ESCAPE = 6;
/** Below this a loop is faster than a call into native code. */
const SHORT = 16;
const LARGEST_INTEGER = 1e15;

/** A growing row of bytes. */
export class LineBuffer {
  readonly #capacity: number;
  #bytes: Buffer;
  #spare: Buffer | undefined;
  /** Bytes in it. May be set back to an earlier value, to forget what came behind. */
  length = 0;

  /** `capacity` is what it starts with and shrinks back to. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Adds latin1 text. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length);
    if (length < SHORT) this.#shortText(text);
    else this.#bytes.write(text, this.length, "latin1");
    this.length += length;
  }

  #shortText(text: string): void {
    const bytes = this.#bytes;
    const start = this.length;
    for (let at = 0; at < text.length; at++) bytes[start + at] = text.charCodeAt(at);
  }

  /** Adds latin1 text as it stands between the quotes of a JSON string. ASCII throughout: control
   * characters, quotes and all above 0x7e become escapes, so that text from the wire gives a line
   * that is valid in any encoding. */
  json(text: string): void {
    this.#reserve(text.length * LONGEST_ESCAPE);
    const start = this.length;
    this.text(text);
    // Bytes are looked through faster than the characters of a string that is part of another.
    const bytes = this.#bytes;
    const end = this.length;
    for (let at = start; at < end; at++) {
      const code = bytes[at]!;
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.length = at;
        this.#escapeFrom(text, at - start);
        return;
      }
    }
  }

  /** Adds once more what stands from `start` to `end`. */
  again(start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.copyWithin(this.length, start, end);
    this.length += end - start;
  }

  #escapeFrom(text: string, first: number): void {
    for (let at = first; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) this.text(String.raw`\"`);
      else if (code === BACKSLASH) this.text(String.raw`\\`);
      else if (code < 0x20 || code > 0x7e) this.text(`\\u${code.toString(16).padStart(4, "0")}`);
      else this.text(text.charAt(at));
    }
  }

  /** Adds bytes. */
  piece(piece: Uint8Array): void {
    this.#reserve(piece.length);
    this.#bytes.set(piece, this.length);
    this.length += piece.length;
  }

  /** Adds a number's whole part in decimal; below zero counts as zero. */
  integer(number: number): void {
    if (!(number < LARGEST_INTEGER)) {
      this.text(String(number));
      return;
    }
    let rest = number > 0 ? Math.floor(number) : 0;
    let digits = 1;
    for (let bound = 10; bound <= rest; bound *= 10) digits++;
    this.#reserve(digits);
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      const tenth = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.length += digits;
  }

  /** Adds thousandths as a decimal number with three places. */
  thousandths(number: number): void {
    const whole = Math.floor(number / 1_000);
    this.integer(whole);
    this.#reserve(4);
    this.#bytes[this.length] = POINT;
    writeThreeDigits(this.#bytes, this.length + 1, Math.floor(number - whole * 1_000));
    this.length += 4;
  }

  /** Hands over all bytes and starts anew. The caller gives them back when it is done. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = this.#spare ?? Buffer.allocUnsafeSlow(this.#capacity);
    this.#spare = undefined;
    this.length = 0;
    return taken;
  }

  /** Takes back what `take` gave, to be used again; what had grown is left to the collector. */
  giveBack(taken: Buffer): void {
    if (taken.buffer.byteLength === this.#capacity) {
      this.#spare = Buffer.from(taken.buffer, 0, this.#capacity);
    }
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}

/** Writes 0 to 999 with leading zeros. */
export function writeThreeDigits(bytes: Uint8Array, at: number, number: number): void {
  const hundreds = Math.floor(number / 100);
  const tens = Math.floor((number - hundreds * 100) / 10);
  bytes[at] = ZERO + hundreds;
  bytes[at + 1] = ZERO + tens;
  bytes[at + 2] = ZERO + number - hundreds * 100 - tens * 10;
}
