/**
 * An origin on raw sockets with faults as options. It keeps the bytes it received per connection,
 * so that a test can prove what did and what did not reach it.
 */
import { createServer, type Server, type Socket } from "node:net";

import {
  ByteQueue,
  ChunkedReader,
  type Field,
  type MessageHead,
  parseHead,
} from "./http-framing.ts";
import { sendAnswer } from "./origin-answer.ts";
import { waitFor } from "./wait-for.ts";

/** How an origin answers. Everything may be set at start, changed while it runs, and overridden for
 * one request by `respond`. */
export interface AnswerOptions {
  /** Answered as `X-Origin` and as the default body. */
  readonly name?: string;
  readonly status?: number;
  readonly reason?: string;
  readonly version?: "1.0" | "1.1";
  readonly fields?: readonly Field[];
  readonly body?: string | Buffer;
  /** Streams that many bytes of `x` with back-pressure, in place of `body`. */
  readonly bodyBytes?: number;
  /** Chunked in place of a Content-Length. */
  readonly chunked?: boolean;
  /** Sent after a chunked body; implies `chunked`. */
  readonly trailers?: readonly Field[];
  /** Neither Content-Length nor chunks: the end of the connection ends the body. */
  readonly untilClose?: boolean;
  /** Statuses sent before the answer, such as 100 or 103. */
  readonly interim?: readonly number[];
  /** Waits before the first byte of the answer. */
  readonly delayMs?: number;
  /** Never answers: nothing at all, after the head, or after half of the body. */
  readonly hang?: "before-answer" | "after-head" | "in-body";
  /** Resets the connection after so many bytes of the answer; 0 resets before the first. */
  readonly resetAfterBytes?: number;
  /** Closes the connection (FIN) after so many bytes of the answer. */
  readonly closeAfterBytes?: number;
  /** Sent in place of an answer. */
  readonly garbage?: string | Buffer;
  /** Says `Connection: close` and closes after the answer. */
  readonly close?: boolean;
  /** One byte of the answer every so often. */
  readonly byteEveryMs?: number;
  /** Answers as soon as the head is there, whatever of the body is still to come. */
  readonly answerBeforeRequestDone?: boolean;
  /** Answers 101 to `Upgrade` and then echoes every byte. */
  readonly upgrade?: boolean;
}

/** An origin's settings at start. */
export interface OriginOptions extends AnswerOptions {
  /** 0 chooses one. */
  readonly port?: number;
  readonly host?: string;
  /** Closes a kept connection that was idle for so long (the keep-alive race). */
  readonly closeIdleAfterMs?: number;
  /** Accepts connections and never reads from them. */
  readonly neverRead?: boolean;
  /** Resets each connection as soon as it is accepted. */
  readonly resetOnAccept?: boolean;
  /** Received bytes kept per connection; more are counted only. */
  readonly recordBytes?: number;
  /** Overrides the answer for one request. */
  readonly respond?: (request: OriginRequest) => AnswerOptions | undefined;
}

/** One request as it arrived. */
export interface OriginRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: readonly Field[];
  /** The first value of a field, by any case of its name. */
  readonly header: (name: string) => string | undefined;
  /** All values of a field, in order. */
  readonly headers: (name: string) => string[];
  /** Complete once `done`. */
  body: Buffer;
  trailers: readonly Field[];
  /** The whole body has arrived. */
  done: boolean;
  /** Which connection it came on, by order of arrival from 0. */
  readonly connection: number;
}

/** One connection as it was seen. */
export interface OriginConnection {
  readonly id: number;
  /** The first `recordBytes` bytes that arrived, unparsed. */
  readonly received: Buffer;
  /** All bytes that arrived, kept or not. */
  readonly receivedBytes: number;
  readonly requests: number;
  readonly open: boolean;
}

/** Starts an origin and resolves when it listens. */
export async function startOrigin(options: OriginOptions = {}): Promise<Origin> {
  const origin = new Origin(options);
  await origin.listen();
  return origin;
}

/** A running origin; `await using` stops it and drops its connections. */
export class Origin {
  /** Every request whose head has arrived, in order. */
  readonly requests: OriginRequest[] = [];
  readonly #connections: Connection[] = [];
  #options: OriginOptions;
  #server: Server | undefined;
  #port: number;

  constructor(options: OriginOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  /** The port it listens or listened on; a restarted origin keeps it. */
  get port(): number {
    return this.#port;
  }

  /** `host:port`, as configuration wants it. */
  get address(): string {
    return `${this.#options.host ?? "127.0.0.1"}:${this.#port}`;
  }

  /** Every connection so far, closed ones included. */
  get connections(): readonly OriginConnection[] {
    return this.#connections;
  }

  /** Connections open right now. */
  get openConnections(): number {
    return this.#connections.filter((connection) => connection.open).length;
  }

  /** Every byte received on every connection as latin1, for "this never arrived". */
  get receivedText(): string {
    return this.#connections.map(({ received }) => received.toString("latin1")).join("\n");
  }

  /** Changes how it answers from the next request on. */
  set(options: OriginOptions): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Resolves when at least so many requests have arrived whole. */
  async gotRequests(count: number, withinMs = 5_000): Promise<readonly OriginRequest[]> {
    await waitFor(
      `${count} requests at ${this.address} (got ${this.requests.length})`,
      () => this.requests.filter(({ done }) => done).length >= count,
      { withinMs },
    );
    return this.requests;
  }

  /** Starts (again) to listen, on the same port as before. */
  async listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: this.#port, host: this.#options.host ?? "127.0.0.1" }, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP address");
    this.#port = address.port;
  }

  /** Stops listening and drops (or, on request, resets) all connections. */
  async stop({ reset = false } = {}): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const connection of this.#connections) connection.drop(reset);
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #accept(socket: Socket): void {
    if (this.#options.resetOnAccept) {
      socket.on("error", () => {}); // the other side may have gone first
      socket.resetAndDestroy();
      return;
    }
    this.#connections.push(
      new Connection(this.#connections.length, socket, {
        options: () => this.#options,
        seen: (request) => this.requests.push(request),
      }),
    );
  }
}

/** A request whose body is still to come. */
interface Incoming {
  readonly request: OriginRequest;
  /** Body bytes announced by Content-Length. */
  readonly left: number;
  readonly chunks: ChunkedReader | undefined;
  /** Decided once, when the head was there. */
  readonly options: AnswerOptions;
}

interface ConnectionOwner {
  options(): OriginOptions;
  seen(request: OriginRequest): void;
}

/** One accepted connection: splits what arrives into requests and answers them in order. */
class Connection implements OriginConnection {
  readonly id: number;
  receivedBytes = 0;
  requests = 0;
  open = true;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #queue = new ByteQueue();
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #current: Incoming | undefined;
  #answers: Promise<void> = Promise.resolve();
  #tunnel = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(id: number, socket: Socket, owner: ConnectionOwner) {
    this.id = id;
    this.#socket = socket;
    this.#owner = owner;
    socket.on("error", () => {}); // "close" follows and is what counts
    socket.on("close", () => {
      this.open = false;
      clearTimeout(this.#idle);
    });
    if (owner.options().neverRead) return;
    socket.on("data", (chunk) => this.#arrived(chunk));
    socket.on("end", () => {
      void this.#answers.then(() => socket.end());
    });
    this.#watchIdle();
  }

  get received(): Buffer {
    return Buffer.concat(this.#kept);
  }

  drop(reset: boolean): void {
    if (reset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #arrived(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    const room = (this.#owner.options().recordBytes ?? 1 << 20) - this.#keptBytes;
    if (room > 0) {
      const kept = chunk.subarray(0, room);
      this.#kept.push(kept);
      this.#keptBytes += kept.length;
    }
    if (this.#tunnel) {
      this.#socket.write(chunk);
      return;
    }
    clearTimeout(this.#idle);
    this.#queue.push(chunk);
    try {
      while (this.#step());
    } catch {
      // Not HTTP: an origin that can't read a request answers 400 and closes.
      this.#socket.end(
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      );
    }
  }

  /** Consumes a head or (part of) a body; false when more bytes are needed. */
  #step(): boolean {
    if (!this.#current) {
      const text = this.#queue.takeUntil("\r\n\r\n");
      if (text === undefined) return false;
      this.#begin(parseHead(text));
    }
    const current = this.#current!;
    if (!this.#readBody(current)) return false;
    current.request.done = true;
    this.#current = undefined;
    const { request, options } = current;
    if (!options.answerBeforeRequestDone) this.#answer(request, options);
    return !this.#tunnel;
  }

  #begin(head: MessageHead): void {
    const [method = "", target = "", version = ""] = head.startLine.split(" ");
    const chunked = head.headers("transfer-encoding").join(",").toLowerCase().includes("chunked");
    const request: OriginRequest = {
      method,
      target,
      version,
      fields: head.fields,
      header: head.header,
      headers: head.headers,
      body: Buffer.alloc(0),
      trailers: [],
      done: false,
      connection: this.id,
    };
    this.requests++;
    this.#owner.seen(request);
    const options = this.#answerFor(request);
    this.#current = {
      options,
      request,
      left: chunked ? 0 : Number(head.header("content-length") ?? 0),
      chunks: chunked ? new ChunkedReader() : undefined,
    };
    if (options.answerBeforeRequestDone) this.#answer(request, options);
    else if (head.header("expect")?.toLowerCase() === "100-continue") {
      this.#socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
  }

  #readBody(current: Incoming): boolean {
    const { request, chunks } = current;
    if (chunks) {
      if (!chunks.read(this.#queue)) return false;
      request.body = chunks.body;
      request.trailers = chunks.trailers;
      return true;
    }
    if (current.left === 0) return true;
    const body = this.#queue.take(current.left);
    if (!body) return false;
    request.body = Buffer.from(body);
    return true;
  }

  #answerFor(request: OriginRequest): AnswerOptions {
    const options = this.#owner.options();
    return { ...options, ...options.respond?.(request) };
  }

  #answer(request: OriginRequest, options: AnswerOptions): void {
    if (options.upgrade && request.header("upgrade") !== undefined) this.#tunnel = true;
    // An answer waits for the one before it; what fails here is a peer that left meanwhile.
    this.#answers = this.#finish(this.#answers, request, options).catch(() => {
      this.#socket.destroy();
    });
  }

  async #finish(
    previous: Promise<void>,
    request: OriginRequest,
    options: AnswerOptions,
  ): Promise<void> {
    await previous;
    await sendAnswer(this.#socket, request, options);
    if (!this.#tunnel) return this.#watchIdle();
    const early = this.#queue.takeAll();
    if (early.length > 0) this.#socket.write(early);
  }

  #watchIdle(): void {
    const { closeIdleAfterMs } = this.#owner.options();
    if (closeIdleAfterMs === undefined) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#socket.end(), closeIdleAfterMs);
  }
}
