/**
 * Reads one answer after the other off a connection: as much of HTTP/1.1 as balancers send to a
 * client that asks with GET.
 */

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** The connection may carry another request. */
  readonly keepAlive: boolean;
}

/** How the body ends: after so many bytes, in chunks, or with the connection. */
type Framing = number | "chunked" | "close";

interface Head {
  readonly status: number;
  readonly framing: Framing;
  readonly keepAlive: boolean;
  readonly bodyAt: number;
}

/** Collects bytes until an answer is whole. Throws on what is not HTTP. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0);
  #head: Head | undefined;

  /** True from an answer's first byte to its last. */
  get begun(): boolean {
    return this.#bytes.length > 0;
  }

  /** Takes bytes; the answer once it is whole. Bytes behind it are an error: nothing was asked. */
  push(chunk: Buffer): Answer | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#head ??= readHead(this.#bytes);
    if (!this.#head) return undefined;
    return this.#take(bodyOf(this.#bytes, this.#head));
  }

  /** The connection ended: the answer, when that is how its body ends. */
  end(): Answer | undefined {
    if (this.#head?.framing !== "close") return undefined;
    return this.#take(this.#bytes.subarray(this.#head.bodyAt));
  }

  #take(body: Buffer | undefined): Answer | undefined {
    if (!body) return undefined;
    const { status, keepAlive } = this.#head!;
    this.#bytes = Buffer.alloc(0);
    this.#head = undefined;
    return { status, body, keepAlive };
  }
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const lines = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(lines[0]!)?.[1]);
  if (!(status >= 200)) throw new Error(`not an answer: ${lines[0]}`);
  let framing: Framing = "close";
  let keepAlive = true;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "content-length") framing = Number(value);
    else if (name === "transfer-encoding") framing = "chunked";
    else if (name === "connection" && value.toLowerCase() === "close") keepAlive = false;
  }
  return { status, framing, keepAlive: keepAlive && framing !== "close", bodyAt: end + 4 };
}

function bodyOf(bytes: Buffer, { framing, bodyAt }: Head): Buffer | undefined {
  if (framing === "close") return undefined;
  if (framing === "chunked") return dechunk(bytes, bodyAt);
  if (bytes.length < bodyAt + framing) return undefined;
  if (bytes.length > bodyAt + framing) throw new Error("more bytes than the answer has");
  return bytes.subarray(bodyAt);
}

function dechunk(bytes: Buffer, from: number): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("not a chunk size");
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}
