/**
 * A strict, incremental reader of HTTP/1.1 messages for the tests' own ends of a connection.
 *
 * Written apart from the product's parser on purpose, so that the two can disagree.
 */

/** One header or trailer field as it was on the wire. */
export type Field = readonly [name: string, value: string];

/** How the end of a body was known. */
export type Framing = "none" | "length" | "chunked" | "close";

/** What a start line and its fields said. */
export interface MessageHead {
  readonly startLine: string;
  readonly fields: readonly Field[];
  /** The first value of a field, by any case of its name. */
  readonly header: (name: string) => string | undefined;
  /** All values of a field, in order. */
  readonly headers: (name: string) => string[];
}

/** A whole message. */
export interface Message {
  readonly head: MessageHead;
  readonly body: Buffer;
  readonly trailers: readonly Field[];
  readonly framing: Framing;
}

/** Bytes that arrived and were not consumed yet. */
export class ByteQueue {
  #parts: Buffer[] = [];
  #length = 0;

  /** Unread bytes. */
  get length(): number {
    return this.#length;
  }

  /** Adds what has arrived. */
  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#length += chunk.length;
  }

  /** Takes `count` bytes, or undefined while there are fewer. */
  take(count: number): Buffer | undefined {
    if (this.#length < count) return undefined;
    const bytes = this.peek();
    this.#keep(bytes.subarray(count));
    return bytes.subarray(0, count);
  }

  /** Takes all there is, possibly nothing. */
  takeAll(): Buffer {
    const bytes = this.peek();
    this.#keep(bytes.subarray(bytes.length));
    return bytes;
  }

  /** Takes what precedes `end` and drops `end`; undefined while it has not arrived. */
  takeUntil(end: string): string | undefined {
    const bytes = this.peek();
    const at = bytes.indexOf(end, 0, "latin1");
    if (at < 0) return undefined;
    this.#keep(bytes.subarray(at + end.length));
    return bytes.toString("latin1", 0, at);
  }

  /** A look at the unread bytes without taking them. Joins the parts only when somebody looks, so
   * that a long body is not copied once per arrival. */
  peek(): Buffer {
    const [only] = this.#parts;
    if (this.#parts.length === 1 && only) return only;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [bytes];
    return bytes;
  }

  #keep(rest: Buffer): void {
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
  }
}

/** Splits a head (without its final empty line); throws on anything that isn't `name: value` with
 * CRLF line ends. */
export function parseHead(text: string): MessageHead {
  const [startLine = "", ...lines] = text.split("\r\n");
  if (/[\r\n]/.test(text.replaceAll("\r\n", ""))) throw new Error("bare CR or LF in a head");
  const fields = lines.map(parseField);
  return {
    startLine,
    fields,
    header: (name) => find(fields, name)[0],
    headers: (name) => find(fields, name),
  };
}

function parseField(line: string): Field {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/s.exec(line);
  if (!match) throw new Error(`malformed field line ${JSON.stringify(line)}`);
  return [match[1]!, match[2]!];
}

function find(fields: readonly Field[], name: string): string[] {
  const wanted = name.toLowerCase();
  return fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
}

/** The framing a head announces; `bodyless` messages have none whatever it says. Throws on a head
 * that leaves the length open to reading (both fields, repeated or malformed lengths). */
export function framingOf(
  head: MessageHead,
  { bodyless, whenSilent }: { bodyless: boolean; whenSilent: "none" | "close" },
): { framing: Framing; length: number } {
  const lengths = head.headers("content-length");
  const codings = head.headers("transfer-encoding");
  if (lengths.length > 1) throw new Error("more than one Content-Length");
  if (lengths.length > 0 && codings.length > 0) {
    throw new Error("both Content-Length and Transfer-Encoding");
  }
  if (bodyless) return { framing: "none", length: 0 };
  if (codings.length > 0) {
    if (codings.join(",").toLowerCase() !== "chunked") {
      throw new Error(`transfer coding ${codings.join(",")}`);
    }
    return { framing: "chunked", length: 0 };
  }
  const [length] = lengths;
  if (length === undefined) return { framing: whenSilent, length: 0 };
  if (!/^[0-9]+$/.test(length)) throw new Error(`malformed Content-Length ${length}`);
  return { framing: "length", length: Number(length) };
}

/** Reads one chunked body step by step: call `read` whenever bytes arrived. */
export class ChunkedReader {
  readonly #parts: Buffer[] = [];
  #trailers: readonly Field[] = [];
  #state: "size" | "data" | "trailers" = "size";
  #left = 0;

  /** Body bytes so far; complete after `read` returned true. */
  get body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Trailer fields; known after `read` returned true. */
  get trailers(): readonly Field[] {
    return this.#trailers;
  }

  /** Consumes what it can; true when the body has ended. Throws on broken chunk framing. */
  read(queue: ByteQueue): boolean {
    for (;;) {
      if (this.#state === "size" && !this.#readSize(queue)) return false;
      if (this.#state === "data" && !this.#readData(queue)) return false;
      if (this.#state === "trailers") return this.#readTrailers(queue);
    }
  }

  #readSize(queue: ByteQueue): boolean {
    const line = queue.takeUntil("\r\n");
    if (line === undefined) return false;
    if (!/^[0-9A-Fa-f]{1,16}(;.*)?$/.test(line)) {
      throw new Error(`malformed chunk size ${JSON.stringify(line)}`);
    }
    this.#left = Number.parseInt(line, 16);
    this.#state = this.#left === 0 ? "trailers" : "data";
    return true;
  }

  #readData(queue: ByteQueue): boolean {
    const data = queue.take(this.#left + 2);
    if (data === undefined) return false;
    if (data.toString("latin1", this.#left) !== "\r\n") throw new Error("chunk without CRLF");
    this.#parts.push(data.subarray(0, this.#left));
    this.#state = "size";
    return true;
  }

  #readTrailers(queue: ByteQueue): boolean {
    const bytes = queue.peek();
    if (bytes.length >= 2 && bytes.toString("latin1", 0, 2) === "\r\n") {
      queue.take(2);
      return true;
    }
    const text = queue.takeUntil("\r\n\r\n");
    if (text === undefined) return false;
    this.#trailers = text.split("\r\n").map(parseField);
    return true;
  }
}
