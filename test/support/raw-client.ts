/**
 * A TCP client that sends exactly the bytes it is given and reads HTTP answers strictly, so that a
 * test sees what a picky client would see.
 */
import { connect, type Socket } from "node:net";

import {
  ByteQueue,
  ChunkedReader,
  type Field,
  type Framing,
  framingOf,
  type MessageHead,
  parseHead,
} from "./http-framing.ts";
import { within } from "./wait-for.ts";

/** One answer read off the wire. */
export interface RawResponse {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly Field[];
  /** The first value of a field, by any case of its name. */
  readonly header: (name: string) => string | undefined;
  /** All values of a field, in order. */
  readonly headers: (name: string) => string[];
  readonly body: Buffer;
  /** The body as latin1, for comparing. */
  readonly text: string;
  readonly trailers: readonly Field[];
  readonly framing: Framing;
  /** The 1xx answers that came before it. */
  readonly interim: readonly { readonly status: number; readonly fields: readonly Field[] }[];
}

/** Where to connect and how long to wait by default. */
export interface RawClientOptions {
  readonly port: number;
  readonly host?: string;
  readonly localAddress?: string;
  /** Deadline of every read that names none. */
  readonly deadlineMs?: number;
}

/** How one answer is to be read. */
export interface ReadOptions {
  /** The request's method: an answer to HEAD has no body, one to CONNECT opens a tunnel. */
  readonly method?: string;
  readonly deadlineMs?: number;
  /** Return a 1xx answer by itself in place of collecting it. */
  readonly stopAtInterim?: boolean;
}

/** How the other side ended the connection. */
export type Ending = "end" | "reset";

/** Connects; throws when that fails or lasts longer than the deadline. */
export async function connectRaw(options: number | RawClientOptions): Promise<RawClient> {
  const settings = typeof options === "number" ? { port: options } : options;
  const { port, host = "127.0.0.1", localAddress, deadlineMs = 5_000 } = settings;
  const socket = connect({
    port,
    host,
    noDelay: true,
    allowHalfOpen: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  try {
    await within(`connecting to ${host}:${port}`, deadlineMs, connected);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new RawClient(socket, deadlineMs);
}

/** Sends raw bytes on a fresh connection, reads one answer and closes. */
export async function exchange(
  options: number | RawClientOptions,
  bytes: string | Buffer,
  read: ReadOptions = {},
): Promise<RawResponse> {
  await using client = await connectRaw(options);
  client.send(bytes);
  return await client.readResponse(read);
}

/** A connection of the test's own. Strings are sent as latin1, so that any byte can be written. */
export class RawClient {
  readonly socket: Socket;
  readonly #deadlineMs: number;
  readonly #queue = new ByteQueue();
  #ending: Ending | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, deadlineMs: number) {
    this.socket = socket;
    this.#deadlineMs = deadlineMs;
    socket.removeAllListeners("error");
    socket.on("data", (chunk) => {
      this.#queue.push(chunk);
      this.#notify();
    });
    socket.on("end", () => this.#ended("end"));
    socket.on("error", () => this.#ended("reset"));
    socket.on("close", () => this.#ended("reset"));
  }

  /** How the other side ended, undefined while it has not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Bytes received and not read by any call yet. */
  get unread(): Buffer {
    return this.#queue.peek();
  }

  /** Writes without waiting; what can't be sent at once is kept by the socket. */
  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    return this;
  }

  /** Writes and resolves when the kernel has taken it, so that a test can send byte by byte. */
  async sendFlushed(bytes: string | Buffer): Promise<void> {
    const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    const flushed = new Promise<void>((resolve, reject) => {
      this.socket.write(data, (error) => (error ? reject(error) : resolve()));
    });
    await within("sending", this.#deadlineMs, flushed);
  }

  /** Half-closes: no more bytes from here, answers are still read. */
  endWrite(): this {
    this.socket.end();
    return this;
  }

  /** Ends the connection with a TCP reset, as a crashed client does. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Reads one whole answer, its 1xx forerunners included. Throws on broken framing, on an end in
   * the middle of it, and after the deadline. */
  async readResponse(options: ReadOptions = {}): Promise<RawResponse> {
    const deadlineAt = performance.now() + (options.deadlineMs ?? this.#deadlineMs);
    const interim: { status: number; fields: readonly Field[] }[] = [];
    for (;;) {
      const head = await this.#readHead(deadlineAt);
      const line = parseStatusLine(head.startLine);
      const passing = line.status < 200 && line.status !== 101;
      if (passing && options.stopAtInterim !== true) {
        interim.push({ status: line.status, fields: head.fields });
        continue;
      }
      const body = await this.#readBody(head, line.status, options.method, deadlineAt);
      return {
        ...line,
        fields: head.fields,
        header: head.header,
        headers: head.headers,
        ...body,
        text: body.body.toString("latin1"),
        interim,
      };
    }
  }

  /** Reads exactly `count` raw bytes, for tunnels. */
  async readBytes(count: number, deadlineMs = this.#deadlineMs): Promise<Buffer> {
    const deadlineAt = performance.now() + deadlineMs;
    return await this.#until(`${count} bytes`, deadlineAt, () => this.#queue.take(count));
  }

  /** Everything until the other side ends the connection, however it does. */
  async readUntilClose(deadlineMs = this.#deadlineMs): Promise<Buffer> {
    await this.closed(deadlineMs);
    return this.#queue.takeAll();
  }

  /** Resolves when the other side has ended the connection, and tells how. */
  async closed(deadlineMs = this.#deadlineMs): Promise<Ending> {
    const deadlineAt = performance.now() + deadlineMs;
    while (this.#ending === undefined) await this.#more("the end of the connection", deadlineAt);
    return this.#ending;
  }

  /** Drops the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.socket.destroyed) {
      const gone = new Promise((resolve) => this.socket.once("close", resolve));
      this.socket.destroy();
      await gone;
    }
  }

  async #readHead(deadlineAt: number): Promise<MessageHead> {
    const text = await this.#until("an answer's head", deadlineAt, () =>
      this.#queue.takeUntil("\r\n\r\n"),
    );
    return parseHead(text);
  }

  async #readBody(
    head: MessageHead,
    status: number,
    method: string | undefined,
    deadlineAt: number,
  ): Promise<{ body: Buffer; trailers: readonly Field[]; framing: Framing }> {
    const bodyless = status < 200 || status === 204 || status === 304 || method === "HEAD";
    const { framing, length } = framingOf(head, { bodyless, whenSilent: "close" });
    if (framing === "none") return { body: Buffer.alloc(0), trailers: [], framing };
    if (framing === "close") {
      const ending = await this.closed(Math.max(0, deadlineAt - performance.now()));
      if (ending === "reset") throw new Error("the connection was reset in the middle of a body");
      return { body: this.#queue.takeAll(), trailers: [], framing };
    }
    if (framing === "length") {
      const body = await this.#until(`a body of ${length} bytes`, deadlineAt, () =>
        this.#queue.take(length),
      );
      return { body, trailers: [], framing };
    }
    const chunks = new ChunkedReader();
    await this.#until("a chunked body", deadlineAt, () => chunks.read(this.#queue) || undefined);
    return { body: chunks.body, trailers: chunks.trailers, framing };
  }

  async #until<T>(what: string, deadlineAt: number, take: () => T | undefined): Promise<T> {
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      if (this.#ending !== undefined) {
        throw new Error(
          `the connection ended (${this.#ending}) before ${what}; got ${JSON.stringify(
            this.#queue.peek().toString("latin1", 0, 200),
          )}`,
        );
      }
      await this.#more(what, deadlineAt);
    }
  }

  async #more(what: string, deadlineAt: number): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await within(
      `waiting for ${what}`,
      Math.max(0, Math.ceil(deadlineAt - performance.now())),
      arrived,
    );
  }

  #ended(how: Ending): void {
    this.#ending ??= how;
    this.#notify();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function parseStatusLine(line: string): { version: string; status: number; reason: string } {
  const match = /^(HTTP\/1\.[01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
  if (!match) throw new Error(`malformed status line ${JSON.stringify(line)}`);
  return { version: match[1]!, status: Number(match[2]), reason: match[3]! };
}
