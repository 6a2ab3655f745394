/**
 * One connection to an endpoint: dials, sends, reads answers and follows their framing. It serves one attempt at a time and reports to that attempt's owner; between
 * attempts it lies in its endpoint's pool.
 *
 * Reads go straight into memory (`onread`), so a body piece handed to the owner is a view of it. In
 * the memory that all connections share it must be passed on or copied at once; in a large
 * buffer of the connection's own the owner may also call `keepBuffer`.
 */
import { connect, isIP, type Socket } from "node:net";

import { fieldValue } from "../exchange/field-value.ts";
import {
  type ChunkScanner,
  fieldId,
  NEED_MORE,
  REFUSED,
  type ResponseParser,
} from "../http1/contract.ts";
import { createChunkScanner } from "../http1/chunk-scanner.ts";
import type { Timer } from "../timer-wheel.ts";
import type { AttemptFailure, AttemptOwner, OriginContext } from "./attempt.ts";
import type { EndpointRuntime } from "./endpoint-runtime.ts";
import type { Reader } from "../wire/direct.ts";
import type { Outgoing } from "../wire/outgoing.ts";
import { ReadBuffer } from "./read-buffer.ts";

/** A slowed answer comes in so many pieces per second. */
const PORTIONS_PER_SECOND = 10;

type Phase = "connecting" | "idle" | "head" | "body" | "tunnel" | "closed";

/** Left of what the origin says it keeps an idle connection, so that it is not met closing. */
const HINT_MARGIN_MS = 1_000;

/** Not a buffer: Node takes it for "as before", which spares it telling the handle again. */
const AS_BEFORE = undefined as unknown as Buffer;

const LOCAL_CODES = new Set(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"]);

/** See the file's head. Created dialling; `assign` gives it its attempt. */
export class OriginConnection implements Reader {
  readonly endpoint: EndpointRuntime;
  readonly #socket: Socket;
  /** Attempts it has served, the current one included. */
  attempts = 0;
  /** When it was last given back, in milliseconds of the monotonic clock. */
  idleSinceMs = 0;
  /** Some byte of the current answer has arrived. */
  answered = false;
  /** The endpoint was judged bad while the current attempt waited for its answer's head. */
  givenUp = false;
  /** The origin said how long it keeps an idle connection; 0 where it did not. */
  hintedIdleMs = 0;
  /** The request of the current attempt was written to its end. */
  requestSent = false;
  /** When the current attempt began, in milliseconds of the monotonic clock. */
  startedMs = 0;
  /** From then to the answer's head, in microseconds; 0 while there is none. */
  headUs = 0;
  /** Body bytes of the current attempt both ways, chunk framing included. */
  bytesSent = 0;
  bytesReceived = 0;
  /** Of the current attempt: answers are let through at so many bytes per second; 0: as they come. */
  paceBytesPerSecond = 0;

  #owner: AttemptOwner | undefined;
  #context: OriginContext;
  #phase: Phase = "connecting";
  readonly #timer: Timer;
  #timeoutMeans: AttemptFailure = "connect_timeout";
  readonly #into: ReadBuffer;
  /** An incomplete head. */
  #partial: Buffer | undefined;
  #resume = 0;
  #remaining = 0;
  #chunks: ChunkScanner | undefined;
  #chunked = false;
  #untilClose = false;
  #payloadOnly = false;
  #keepAlive = false;
  #requestWasHead = false;
  #idleMs = 0;
  #paused = false;
  /** Its endpoint's name is being looked up. */
  #resolving = false;

  constructor(endpoint: EndpointRuntime, context: OriginContext, connectMs: number) {
    this.endpoint = endpoint;
    this.#context = context;
    this.#into = new ReadBuffer(context.memory);
    this.#timer = context.timer(() => this.#timedOut());
    if (connectMs > 0) this.#timer.set(connectMs);
    this.#socket = connect({
      host: endpoint.snapshot.host,
      port: endpoint.snapshot.port,
      noDelay: true,
      allowHalfOpen: true,
      onread: {
        buffer: () => this.#nextBuffer(),
        callback: (length, buffer) => this.#read(length, buffer as Buffer),
      },
    });
    this.#socket.on("connect", () => this.#connected());
    this.#socket.on("end", () => this.#ended(false));
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#errored(error));
    this.#socket.on("close", () => this.#closed());
    this.#socket.on("drain", () => this.#drained());
    if (isIP(endpoint.snapshot.host) === 0) this.#noteLookup();
    context.onOpened(endpoint);
  }

  #noteLookup(): void {
    this.#resolving = true;
    this.#socket.on("lookup", (error) => (this.#resolving = error !== null));
  }

  /** The socket, with nothing of this proxy waiting to be written to it. */
  get socket(): Socket {
    this.#context.sends.flush();
    return this.#socket;
  }

  /** Writes a request's head, as soon as it may be. */
  send(head: Outgoing): void {
    this.#context.sends.send(this.#socket, head, undefined);
  }

  get connecting(): boolean {
    return this.#phase === "connecting";
  }

  get usable(): boolean {
    return this.#phase === "idle";
  }

  /** Gives the connection its next attempt. `firstByteMs` runs from `awaitAnswer`. */
  assign(owner: AttemptOwner, requestWasHead: boolean, idleMs: number): void {
    this.#owner = owner;
    this.#requestWasHead = requestWasHead;
    this.#idleMs = idleMs;
    this.#payloadOnly = false;
    this.attempts++;
    this.answered = false;
    this.givenUp = false;
    this.requestSent = false;
    this.headUs = 0;
    this.bytesSent = 0;
    this.bytesReceived = 0;
    this.paceBytesPerSecond = 0;
    if (this.#phase === "idle") {
      this.#phase = "head";
      this.#timer.clear();
    }
  }

  /** Whether the attempt of this owner is still under way here. */
  isServing(owner: AttemptOwner): boolean {
    return this.#owner === owner;
  }

  /** Ends the attempt as if this had happened to it. */
  breakOff(failure: AttemptFailure): void {
    this.#fail(failure);
  }

  /** Takes bytes as if the origin had sent them. */
  receive(bytes: Buffer): void {
    this.#read(bytes.length, bytes);
  }

  /** Bounds the time to the answer's head, from now on; 0 for no bound. */
  awaitAnswer(firstByteMs: number): void {
    if (this.#phase !== "head" || !this.requestSent) return;
    this.#timeoutMeans = "first_byte_timeout";
    if (firstByteMs > 0) this.#timer.set(firstByteMs);
    else this.#timer.clear();
  }

  /** Bounds the time until the origin asks for the request's body or answers without it, from now on;
   * 0 for no more bound. */
  awaitGoAhead(firstByteMs: number): void {
    if (this.#phase !== "head" || this.requestSent) return;
    this.#timeoutMeans = "first_byte_timeout";
    if (firstByteMs > 0) this.#timer.set(firstByteMs);
    else this.#timer.clear();
  }

  /** Bounds the time until the origin takes more of the request's body. */
  awaitTaking(): void {
    if (this.#phase !== "head" || this.#idleMs <= 0) return;
    this.#timeoutMeans = "idle_timeout";
    this.#timer.set(this.#idleMs);
  }

  /** Body pieces of the coming answer are reported without chunk framing. */
  wantPayloadOnly(): void {
    this.#payloadOnly = true;
  }

  /** Stops reading until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#timer.clear();
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#phase === "body") this.#armIdle();
    this.#socket.resume();
  }

  /** The piece reported last is still being written somewhere: read into another buffer. */
  keepBuffer(): void {
    this.#into.keep();
  }

  /** Its endpoint was judged bad: tells an attempt that still waits for its answer's head. */
  giveUp(): void {
    const owner = this.#owner;
    if (owner === undefined || this.givenUp) return;
    if (this.#phase !== "head" && this.#phase !== "connecting") return;
    this.givenUp = true;
    owner.attemptGivenUp(this);
  }

  /** Gives the attempt up: the connection is of no more use and its owner hears nothing more. */
  abandon(): void {
    this.#owner = undefined;
    this.destroy();
  }

  destroy(): void {
    this.#phase = "closed";
    this.#timer.clear();
    this.#socket.destroy();
  }

  /** Lies idle for at most so long; then it closes itself. */
  rest(idleMs: number, nowMs: number): void {
    this.#owner = undefined;
    this.#phase = "idle";
    // Its last piece may have been more than the client took at once.
    if (this.#paused) this.resume();
    this.idleSinceMs = nowMs;
    if (idleMs > 0) this.#timer.set(idleMs);
    else this.#timer.clear();
  }

  /** Returns what the next read goes into, where that is another buffer than before. */
  readDirectly(length: number): Buffer | undefined {
    this.#read(length, this.#into.current);
    return this.#into.next();
  }

  /** What the next read goes into. While dialling it may begin with a new handle, which must be
   * told. */
  #nextBuffer(): Buffer {
    return this.#phase === "connecting" ? this.#into.current : (this.#into.next() ?? AS_BEFORE);
  }

  #connected(): void {
    if (this.#phase !== "connecting") return;
    this.#context.clock.tick();
    this.#phase = "head";
    this.#timer.clear();
    this.#context.direct.read(this.#socket, this);
    this.#owner?.attemptConnected(this);
  }

  #drained(): void {
    this.#context.clock.tick();
    if (this.#phase === "head" && !this.requestSent) this.#timer.clear();
    this.#owner?.attemptDrained(this);
  }

  #read(length: number, buffer: Buffer): boolean {
    this.#context.clock.tick();
    const owner = this.#owner;
    if (owner === undefined) {
      // An idle connection that speaks is either closing or confused; neither may serve again.
      this.destroy();
      return true;
    }
    if (this.paceBytesPerSecond > 0) return this.#readSlowly(owner, buffer, length);
    return this.#take(owner, length, buffer);
  }

  /** Lets a piece through little by little; nothing is read meanwhile. */
  #readSlowly(owner: AttemptOwner, buffer: Buffer, length: number): boolean {
    const left = Buffer.from(buffer.subarray(0, length));
    const portion = Math.max(1, Math.floor(this.paceBytesPerSecond / PORTIONS_PER_SECOND));
    this.#socket.pause();
    let at = 0;
    const timer = this.#context.timer(() => {
      if (this.#owner !== owner) return;
      const piece = left.subarray(at, at + portion);
      at += piece.length;
      this.#take(owner, piece.length, piece);
      if (this.#owner !== owner) return;
      if (at < left.length) timer.set(1000 / PORTIONS_PER_SECOND);
      else if (!this.#paused) this.#socket.resume();
    });
    timer.set(1000 / PORTIONS_PER_SECOND);
    return true;
  }

  #take(owner: AttemptOwner, length: number, buffer: Buffer): boolean {
    this.#into.noteRead(length);
    if (this.#phase === "head") this.#readHead(owner, buffer, length);
    else if (this.#phase === "body") this.#readBody(owner, buffer, 0, length);
    else if (this.#phase === "tunnel")
      owner.tunnelBytes(this, Buffer.from(buffer.subarray(0, length)));
    return true;
  }

  #readHead(owner: AttemptOwner, piece: Buffer, length: number): void {
    this.answered = true;
    let bytes = piece;
    let end = length;
    if (this.#partial !== undefined) {
      bytes = Buffer.concat([this.#partial, piece.subarray(0, length)]);
      end = bytes.length;
      this.#partial = undefined;
    }
    const parser = this.#context.parser;
    let at = 0;
    while (this.#phase === "head") {
      const limits = this.endpoint.group.responseLimits;
      const used = parser.parse(bytes, at, end, this.#resume, limits, this.#requestWasHead);
      if (used === REFUSED) {
        const tooLarge = parser.refusal?.code === "response_header_too_large";
        this.#fail(tooLarge ? "response_header_too_large" : "bad_response");
        return;
      }
      if (used === NEED_MORE) {
        this.#resume = parser.resume;
        this.#partial = Buffer.from(bytes.subarray(at, end));
        break;
      }
      this.#resume = 0;
      at += used;
      if (!this.#headRead(owner, parser)) return;
    }
    if (this.#phase === "body") this.#readBody(owner, bytes, at, end);
    else if (this.#phase === "tunnel" && at < end) {
      owner.tunnelBytes(this, Buffer.from(bytes.subarray(at, end)));
    } else owner.attemptReadEnd(this);
  }

  /** Takes note of a parsed head; false once the attempt is over. */
  #headRead(owner: AttemptOwner, head: ResponseParser): boolean {
    const interim = head.status < 200 && head.status !== 101;
    if (!interim) {
      this.#phase = head.status === 101 ? "tunnel" : "body";
      this.#chunked = head.framing === "chunked";
      this.#untilClose = head.framing === "until_close";
      this.#remaining = head.framing === "length" ? head.contentLength : 0;
      this.#keepAlive = head.keepAlive;
      if (this.attempts === 1) this.hintedIdleMs = hintedIdleMs(head);
      if (this.#chunked) {
        this.#chunks ??= createChunkScanner();
        this.#chunks.reset();
      }
      this.#timer.clear();
    }
    return owner.attemptHead(this, head) && this.#owner === owner;
  }

  #readBody(owner: AttemptOwner, bytes: Buffer, start: number, end: number): void {
    this.bytesReceived += end - start;
    let at = start;
    let complete: boolean;
    if (this.#chunked) {
      const chunks = this.#chunks!;
      at = chunks.scan(bytes, start, end, this.#payloadOnly);
      if (chunks.refusal !== undefined) return this.#fail("bad_response");
      for (let span = 0; span < chunks.spanCount; span++) {
        owner.attemptBody(this, bytes, chunks.spans[2 * span]!, chunks.spans[2 * span + 1]!);
        if (this.#owner !== owner) return;
      }
      complete = chunks.done;
      if (complete && chunks.tail !== "") owner.attemptTrailers(this, chunks.tail);
    } else if (this.#untilClose) {
      if (end > start) owner.attemptBody(this, bytes, start, end);
      at = end;
      complete = false;
    } else {
      const take = Math.min(this.#remaining, end - start);
      this.#remaining -= take;
      at = start + take;
      if (take > 0) owner.attemptBody(this, bytes, start, at);
      complete = this.#remaining === 0;
    }
    if (this.#owner !== owner) return;
    if (complete) this.#complete(owner, at < end);
    else {
      if (!this.#paused) this.#armIdle();
      owner.attemptReadEnd(this);
    }
  }

  #armIdle(): void {
    this.#timeoutMeans = "idle_timeout";
    if (this.#idleMs > 0) this.#timer.set(this.#idleMs);
  }

  /** The answer is complete; bytes behind it belong to nothing and end the connection. */
  #complete(owner: AttemptOwner, excess: boolean): void {
    this.#timer.clear();
    this.#into.answerDone();
    this.#owner = undefined;
    if (this.#keepAlive && this.requestSent && !excess && !this.#untilClose) {
      this.endpoint.giveBack(this);
    } else this.destroy();
    owner.attemptDone(this);
  }

  #ended(broken: boolean): void {
    this.#context.clock.tick();
    const owner = this.#owner;
    if (owner === undefined || this.#phase === "closed") return this.destroy();
    if (this.#phase === "tunnel" && !broken) return owner.tunnelBytes(this, undefined);
    if (this.#phase === "body" && this.#untilClose && !broken) {
      this.#owner = undefined;
      this.destroy();
      return owner.attemptDone(this);
    }
    this.#fail(this.answered ? "origin_reset" : "origin_closed");
  }

  #errored(error: NodeJS.ErrnoException): void {
    this.#context.clock.tick();
    if (this.#phase !== "connecting") return this.#ended(true);
    const code = error.code ?? "";
    if (LOCAL_CODES.has(code)) return this.#fail("local");
    if (this.#resolving) this.#context.onLookupFailed(this.endpoint, code);
    this.#fail("connect_failed");
  }

  #closed(): void {
    if (this.#owner !== undefined) this.#ended(true);
    this.#phase = "closed";
    this.#timer.end();
    this.#into.close();
    this.endpoint.forget(this);
    this.#context.onClosed(this.endpoint);
  }

  #timedOut(): void {
    if (this.#owner === undefined) return this.destroy();
    if (this.#resolving) this.#context.onLookupFailed(this.endpoint, "no answer in time");
    this.#fail(this.#timeoutMeans);
  }

  #fail(failure: AttemptFailure): void {
    const owner = this.#owner;
    this.#owner = undefined;
    this.destroy();
    owner?.attemptFailed(this, failure);
  }
}

/** From `Keep-Alive: timeout=5`; 0 where nothing is said. */
function hintedIdleMs(head: ResponseParser): number {
  const row = head.find(fieldId.keepAlive);
  if (row < 0) return 0;
  const seconds = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(fieldValue(head, row))?.[1];
  if (seconds === undefined) return 0;
  return Math.max(1, Number(seconds) * 1000 - HINT_MARGIN_MS);
}
