/**
 * Reads the answers on one connection and finds where each ends, as RFC 9112 section 6.3 has it. It
 * keeps nothing of them but status, size and whether the connection goes on, and allocates only where
 * a head comes in pieces.
 */

/** What a piece of an answer led to. */
export type ReadState = "more" | "complete" | "broken";

type Phase = "head" | "length" | "chunk-size" | "chunk-data" | "chunk-end" | "trailer" | "to-close";

const longestHeadBytes = 64 * 1024;
const longestLineBytes = 8 * 1024;
const cr = 13;
const lf = 10;
const colon = 58;

const contentLength = Buffer.from("content-length");
const transferEncoding = Buffer.from("transfer-encoding");
const connectionName = Buffer.from("connection");

/** One per connection, for one answer after another. */
export class ResponseReader {
  /** Of the latest answer whose head was read; 0 before. */
  status = 0;
  /** The connection may be used again after this answer. */
  keepAlive = true;
  /** What is wrong, where it is broken. */
  problem = "";
  #phase: Phase = "head";
  #withoutBody = false;
  #left = 0;
  #length = -1;
  #chunked = false;
  #coded = false;
  #sizeDigits = 0;
  #inExtension = false;
  #lineBytes = 0;
  #lineIsEmpty = true;
  #held: Buffer | undefined;
  #heldBytes = 0;

  /** Gets ready for the next answer. `withoutBody` is true for an answer to HEAD. */
  begin(withoutBody: boolean): void {
    this.#withoutBody = withoutBody;
    this.#phase = "head";
    this.#heldBytes = 0;
    this.status = 0;
    this.keepAlive = true;
  }

  /** True once a byte of the answer has come. */
  get begun(): boolean {
    return this.status !== 0 || this.#heldBytes > 0;
  }

  /** Takes the first `size` bytes of the buffer, which may be overwritten afterwards. Bytes after
   * the end of an answer are a breach: one request is out at a time. */
  read(bytes: Buffer, size: number): ReadState {
    let at = 0;
    while (at < size || this.#phase === "length") {
      if (this.#phase === "head") {
        at = this.#readHead(bytes, at, size);
        if (at === -1) return "more";
      } else {
        at = this.#readBody(bytes, at, size);
      }
      if (at === -2) return "broken";
      if (at === -3) return "complete";
      if (at >= size && this.#phase !== "length") return "more";
      if (this.#phase === "length" && this.#left > 0 && at >= size) return "more";
    }
    return "more";
  }

  /** The connection ended: an answer without a length is complete by that. */
  end(): ReadState {
    if (this.#phase === "to-close") return "complete";
    return this.#break("the connection ended within the answer");
  }

  /** The position after the head; -1 needs more, -2 broken, -3 complete. */
  #readHead(bytes: Buffer, from: number, size: number): number {
    if (this.#heldBytes === 0) {
      const end = this.#scanHead(bytes, from, size);
      if (end === -1) return this.#hold(bytes, from, size);
      return end === -2 ? -2 : this.#headDone(end, size);
    }
    const before = this.#heldBytes;
    if (this.#hold(bytes, from, size) === -2) return -2;
    const end = this.#scanHead(this.#held!, 0, this.#heldBytes);
    if (end < 0) return end;
    this.#heldBytes = 0;
    return this.#headDone(from + end - before, size);
  }

  #hold(bytes: Buffer, from: number, size: number): number {
    const needed = this.#heldBytes + size - from;
    if (needed > longestHeadBytes)
      return this.#fail(`a head of more than ${longestHeadBytes} bytes`);
    if (this.#held === undefined || this.#held.length < needed) {
      const larger = Buffer.allocUnsafe(Math.max(2_048, needed * 2));
      this.#held?.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes, from, size);
    this.#heldBytes = needed;
    return -1;
  }

  /** One pass over all lines; the position after the empty one, -1 where it has not come yet. */
  #scanHead(bytes: Buffer, from: number, size: number): number {
    let lineStart = from;
    this.#length = -1;
    this.#chunked = false;
    this.#coded = false;
    for (let at = from; at < size; at++) {
      if (bytes[at] !== lf) continue;
      const lineEnd = at > lineStart && bytes[at - 1] === cr ? at - 1 : at;
      if (lineStart === from) {
        if (!this.#readStatusLine(bytes, lineStart, lineEnd)) return -2;
      } else if (lineEnd === lineStart) {
        return at + 1;
      } else if (!this.#readField(bytes, lineStart, lineEnd)) {
        return -2;
      }
      lineStart = at + 1;
    }
    return -1;
  }

  /** `HTTP/1.x SSS …` */
  #readStatusLine(bytes: Buffer, from: number, to: number): boolean {
    const status =
      digit(bytes[from + 9]) * 100 + digit(bytes[from + 10]) * 10 + digit(bytes[from + 11]);
    const isHttp =
      to - from >= 12 &&
      bytes[from] === 72 &&
      bytes[from + 1] === 84 &&
      bytes[from + 2] === 84 &&
      bytes[from + 3] === 80 &&
      bytes[from + 4] === 47 &&
      bytes[from + 5] === 49 &&
      bytes[from + 6] === 46 &&
      bytes[from + 8] === 32 &&
      (to - from === 12 || bytes[from + 12] === 32);
    if (!isHttp || !(status >= 100 && status <= 599)) {
      this.#break(`a status line that is none: ${excerpt(bytes, from, to)}`);
      return false;
    }
    this.status = status;
    this.keepAlive = bytes[from + 7] !== 48; // HTTP/1.0 closes unless told otherwise.
    return true;
  }

  #readField(bytes: Buffer, from: number, to: number): boolean {
    let end = from;
    while (end < to && bytes[end] !== colon) end++;
    if (end === to)
      return this.#break(`a field without a colon: ${excerpt(bytes, from, to)}`) !== "broken";
    // Only three names matter, and their lengths differ.
    const nameLength = end - from;
    if (nameLength === contentLength.length && nameIs(bytes, from, contentLength)) {
      return this.#readLength(bytes, end + 1, to);
    }
    if (nameLength === transferEncoding.length && nameIs(bytes, from, transferEncoding)) {
      const value = bytes
        .toString("latin1", end + 1, to)
        .trim()
        .toLowerCase();
      this.#coded = true;
      this.#chunked = value === "chunked" || /,\s*chunked$/.test(value);
    } else if (nameLength === connectionName.length && nameIs(bytes, from, connectionName)) {
      const value = bytes.toString("latin1", end + 1, to).toLowerCase();
      if (value.includes("close")) this.keepAlive = false;
      else if (value.includes("keep-alive")) this.keepAlive = true;
    }
    return true;
  }

  #readLength(bytes: Buffer, from: number, to: number): boolean {
    let start = from;
    let end = to;
    while (start < end && isSpace(bytes[start])) start++;
    while (end > start && isSpace(bytes[end - 1])) end--;
    let length = 0;
    let isNumber = end > start && end - start <= 15;
    for (let at = start; at < end; at++) {
      const value = digit(bytes[at]);
      if (!(value >= 0)) isNumber = false;
      length = length * 10 + value;
    }
    if (!isNumber || (this.#length >= 0 && this.#length !== length)) {
      this.#break(`a Content-Length that is none: ${excerpt(bytes, from, to)}`);
      return false;
    }
    this.#length = length;
    return true;
  }

  /** Decides how the body is framed. */
  #headDone(at: number, size: number): number {
    if (this.status < 200) {
      if (this.status === 101)
        return this.#fail("101 Switching Protocols, which was not asked for");
      return at; // An interim answer: the next head follows.
    }
    if (this.#withoutBody || this.status === 204 || this.status === 304) {
      return this.#finish(at, size);
    }
    if (this.#coded) {
      if (this.#length >= 0) return this.#fail("both Content-Length and Transfer-Encoding");
      this.#phase = this.#chunked ? "chunk-size" : "to-close";
      this.#startLine();
    } else if (this.#length >= 0) {
      this.#phase = "length";
      this.#left = this.#length;
    } else {
      this.#phase = "to-close";
    }
    if (this.#phase === "to-close") this.keepAlive = false;
    return at;
  }

  #readBody(bytes: Buffer, at: number, size: number): number {
    switch (this.#phase) {
      case "length":
      case "chunk-data": {
        const taken = Math.min(this.#left, size - at);
        this.#left -= taken;
        if (this.#left > 0) return at + taken;
        if (this.#phase === "length") return this.#finish(at + taken, size);
        this.#phase = "chunk-end";
        this.#startLine();
        return at + taken;
      }
      case "chunk-size":
        return this.#readChunkSize(bytes[at]!, at);
      case "chunk-end":
        return this.#readChunkEnd(bytes[at]!, at);
      case "trailer":
        return this.#readTrailer(bytes[at]!, at, size);
      case "to-close":
        return size;
      case "head":
        return at;
    }
  }

  #startLine(): void {
    this.#lineBytes = 0;
    this.#sizeDigits = 0;
    this.#inExtension = false;
    this.#lineIsEmpty = true;
    if (this.#phase === "chunk-size") this.#left = 0;
  }

  #readChunkSize(byte: number, at: number): number {
    if (++this.#lineBytes > longestLineBytes) return this.#fail("a chunk size line without an end");
    if (byte === lf) {
      if (this.#sizeDigits === 0) return this.#fail("a chunk without a size");
      this.#phase = this.#left > 0 ? "chunk-data" : "trailer";
      this.#lineBytes = 0;
      this.#lineIsEmpty = true;
      return at + 1;
    }
    const value = hexDigit(byte);
    if (value >= 0 && !this.#inExtension) {
      if (++this.#sizeDigits > 12) return this.#fail("a chunk size beyond all bounds");
      this.#left = this.#left * 16 + value;
    } else if (byte !== cr) {
      if (!this.#inExtension && byte !== 59 && !isSpace(byte))
        return this.#fail("a chunk size that is none");
      this.#inExtension = true;
    }
    return at + 1;
  }

  #readChunkEnd(byte: number, at: number): number {
    if (byte === cr && this.#lineBytes++ === 0) return at + 1;
    if (byte !== lf) return this.#fail("a chunk that is longer than its size");
    this.#phase = "chunk-size";
    this.#startLine();
    return at + 1;
  }

  #readTrailer(byte: number, at: number, size: number): number {
    if (++this.#lineBytes > longestHeadBytes) return this.#fail("trailers without an end");
    if (byte === lf) {
      if (this.#lineIsEmpty) return this.#finish(at + 1, size);
      this.#lineIsEmpty = true;
    } else if (byte !== cr) {
      this.#lineIsEmpty = false;
    }
    return at + 1;
  }

  #finish(at: number, size: number): number {
    this.#phase = "head";
    if (at < size) return this.#fail(`${size - at} bytes after the end of the answer`);
    return -3;
  }

  #fail(problem: string): number {
    this.#break(problem);
    return -2;
  }

  #break(problem: string): ReadState {
    this.problem = problem;
    this.keepAlive = false;
    return "broken";
  }
}

/** NaN for none. */
function digit(byte: number | undefined): number {
  return byte !== undefined && byte >= 48 && byte <= 57 ? byte - 48 : Number.NaN;
}

/** -1 for none. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

const isSpace = (byte: number | undefined): boolean => byte === 32 || byte === 9;

/** Letters of any case; the wanted name is in lower case. */
function nameIs(bytes: Buffer, from: number, wanted: Buffer): boolean {
  for (let at = 0; at < wanted.length; at++) {
    if ((bytes[from + at]! | 32) !== wanted[at]) return false;
  }
  return true;
}

function excerpt(bytes: Buffer, from: number, to: number): string {
  return JSON.stringify(bytes.toString("latin1", from, Math.min(to, from + 40)));
}
