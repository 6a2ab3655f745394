/**
 * One client's connection: cuts its bytes into requests, serves them one after the other in order,
 * and closes so that the client gets to read the last answer.
 */
import type { Socket } from "node:net";

import { reason, type Reason } from "../../errors/catalogue.ts";
import type { Outgoing } from "../wire/outgoing.ts";
import { adoptSocket, type ClientReader } from "../wire/adopt-socket.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { PeerForwarding } from "../edge/forwarded.ts";
import { NEED_MORE, REFUSED } from "../http1/contract.ts";
import type { ListenerRuntime } from "./listener-runtime.ts";
import type { ProxyContext } from "../proxy-context.ts";
import { refuse } from "./refusal.ts";
import type { Timer } from "../timer-wheel.ts";

/** Bytes of pipelined requests held while an earlier one is being served. */
const MAX_AHEAD_BYTES = 64 * 1024;
/** How long a closed connection is still read, so that a reset does not overtake the answer. */
const LINGER_MS = 5_000;
/** The same during shutdown, which clients that keep connections open unread must not hold up. */
const DRAIN_LINGER_MS = 1_000;
/** How long an idle connection may still send a request once shutdown began. */
const DRAIN_GRACE_MS = 250;

type TimeoutMeaning = "idle" | "header" | "body" | "send" | "linger";

/** See the file's head. Owns its socket. */
export class ClientConnection implements ClientReader {
  readonly #socket: Socket;
  readonly listener: ListenerRuntime;
  readonly peer: PeerForwarding;
  readonly #context: ProxyContext;
  readonly #timer: Timer;
  /** Bounds the current request as a whole; made when the first route wants it. */
  #totalTimer: Timer | undefined;
  #timeoutMeans: TimeoutMeaning = "idle";
  #exchange: Exchange | undefined;
  /** Bytes not yet read as requests: an incomplete head, or requests behind the one being served. */
  #ahead: Buffer | undefined;
  #resume = 0;
  #requests = 0;
  #processing = false;
  #ended = false;
  #lingering = false;
  #paused = false;

  /** `address` is the peer's, as the socket gives it. */
  constructor(accepted: Socket, address: string, listener: ListenerRuntime, context: ProxyContext) {
    const { readBuffer, direct } = context;
    const socket = adoptSocket(accepted, readBuffer, direct, this);
    this.#socket = socket;
    this.listener = listener;
    this.#context = context;
    context.clock.tick();
    this.peer = listener.forwarding.peer(address, "http");
    this.#timer = context.wheel.timer(() => this.#timedOut());
    this.#setTimer("header", listener.snapshot.timeouts.headerMs);
    socket.on("end", () => this.#clientEnded());
    socket.on("drain", () => this.#drained());
    socket.on("error", () => this.#gone());
    socket.on("close", () => this.#gone());
  }

  /** The socket, with nothing of this proxy waiting to be written to it: what is done with it now
   * comes behind all that. */
  get socket(): Socket {
    this.#context.sends.flush();
    return this.#socket;
  }

  /** Writes the rest of an answer, as soon as it may be, and takes `outgoing` back. */
  send(outgoing: Outgoing): void {
    this.#context.sends.send(this.#socket, outgoing, this.#context.answerOutgoings);
  }

  /** Whether the connection closes once the current answer is out. */
  get lastRequest(): boolean {
    const most = this.listener.snapshot.limits.requestsPerConnection;
    const ended = this.#ended && this.#ahead === undefined && !this.#processing;
    const closing = ended || this.#context.draining || this.listener.draining;
    return closing || (most > 0 && this.#requests >= most);
  }

  /** From here on bytes are the exchange's tunnel's. */
  startTunnel(): void {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    this.#setTimer("idle", 0);
    if (ahead !== undefined) this.#exchange?.tunnel?.fromClient(ahead);
    this.resume();
  }

  /** Stops reading, as while the origin takes no more of the body. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
    if (this.#timeoutMeans === "body") this.#timer.clear();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** The client does not take the answer as fast as it comes: bound how long that lasts. */
  awaitDrain(): void {
    this.#setTimer("send", this.listener.snapshot.timeouts.sendMs);
  }

  /** The request's body is awaited: bound the time to its next piece. Not while the client itself
   * waits to be asked for it: then it is up to the origin. */
  awaitBody(): void {
    if (this.#awaitsDrain || this.#exchange?.awaitsGoAhead === true) return;
    this.#setTimer("body", this.listener.snapshot.timeouts.bodyMs);
  }

  /** Nothing is awaited from the client while the origin works. */
  awaitNothing(): void {
    if (!this.#awaitsDrain) this.#timer.clear();
  }

  /** Bounds the whole of the current request, from now; ends with it. */
  boundTotal(ms: number): void {
    this.#totalTimer ??= this.#context.wheel.timer(() => this.#exchange?.tookTooLong());
    this.#totalTimer.set(ms);
  }

  /** The current request may take any time from here on. */
  unboundTotal(): void {
    this.#totalTimer?.clear();
  }

  /** The current exchange is over; `keep` if another request may follow on this connection. */
  exchangeDone(keep: boolean): void {
    this.#exchange = undefined;
    // One that sends no more is still answered what it sent.
    const last = this.#ended && this.#ahead === undefined && !this.#processing;
    if (!keep || last) return this.close();
    if (this.#socket.writableNeedDrain) {
      // The next answer waits until this one is read: what a client does not read is bounded.
      this.pause();
      return this.awaitDrain();
    }
    this.#next();
  }

  /** Ends the connection after what was written: says so, then reads on for a while and drops it,
   * since closing at once would make the kernel reset what is still on its way to the client. */
  close(): void {
    if (this.#lingering) return;
    this.#lingering = true;
    this.#exchange = undefined;
    this.#ahead = undefined;
    this.#setTimer("send", this.listener.snapshot.timeouts.sendMs);
    const lingerMs = this.#context.draining ? DRAIN_LINGER_MS : LINGER_MS;
    this.socket.end(() => this.#setTimer("linger", lingerMs));
    this.#paused = false;
    this.#socket.resume();
  }

  /** Cuts the connection so that the client can't take a broken answer for a whole one. */
  reset(): void {
    this.#exchange = undefined;
    this.#timer.clear();
    this.socket.resetAndDestroy();
  }

  /** Shutdown: an idle connection may still bring one request, briefly; a busy one finishes, and a
   * request that is just arriving has the rest of its time to. */
  drain(): void {
    if (this.#exchange !== undefined || this.#lingering || this.#isArriving) return;
    this.#setTimer("idle", DRAIN_GRACE_MS);
  }

  /** Shutdown: the time for finishing is over. True where that cut a request, or an answer that its
   * client had not read. */
  cut(): boolean {
    if (this.#exchange !== undefined) this.#exchange.cut();
    else if (this.#isArriving) {
      this.#refuse(reason.shutting_down, this.#ahead!);
    } else {
      const isUnread = this.socket.writableLength > 0;
      this.socket.destroy();
      return isUnread;
    }
    return true;
  }

  #next(): void {
    const ahead = this.#ahead;
    this.resume();
    if (this.#processing) return;
    if (ahead !== undefined) {
      this.#ahead = undefined;
      this.#process(ahead, ahead.length);
    }
    if (this.#exchange !== undefined || this.#lingering) return;
    if (this.#ended) this.close();
    else if (this.#ahead === undefined) this.#idle();
  }

  /** An answer waits to be read by the client: the bound on that outranks others. */
  get #awaitsDrain(): boolean {
    return this.#timeoutMeans === "send" && this.#socket.writableNeedDrain;
  }

  /** A part of a request's head is here. */
  get #isArriving(): boolean {
    return this.#timeoutMeans === "header" && this.#ahead !== undefined && !isBlank(this.#ahead);
  }

  #idle(): void {
    const idleMs = this.listener.snapshot.timeouts.keepAliveMs;
    const closing = this.#context.draining || this.listener.draining;
    this.#setTimer("idle", closing ? DRAIN_GRACE_MS : idleMs);
  }

  /** Bytes in the buffer that all client connections are read into. */
  readDirectly(length: number): undefined {
    this.read(this.#context.readBuffer, length);
  }

  /** Bytes up to `end`, in a buffer that others read into next. */
  read(bytes: Buffer, end: number): void {
    this.#context.clock.tick();
    if (this.#lingering) return;
    const exchange = this.#exchange;
    if (exchange === undefined) {
      const ahead = this.#ahead;
      this.#ahead = undefined;
      if (ahead === undefined) this.#process(bytes, end);
      else this.#process(Buffer.concat([ahead, bytes.subarray(0, end)]), ahead.length + end);
      if (this.#exchange === undefined && !this.#lingering && this.#ahead === undefined)
        this.#idle();
      return;
    }
    if (exchange.tunnel !== undefined) return exchange.tunnel.fromClient(bytes.subarray(0, end));
    const at = exchange.wantsBody ? exchange.requestBytes(bytes, 0, end) : 0;
    if (at < end) this.#keepAhead(bytes.subarray(at, end));
  }

  #keepAhead(bytes: Buffer): void {
    if (this.#lingering || this.#socket.destroyed) return;
    // Copied, by `from` and by `concat`: the next bytes are read into the same buffer.
    this.#ahead =
      this.#ahead === undefined ? Buffer.from(bytes) : Buffer.concat([this.#ahead, bytes]);
    // An incomplete head has bounds of its own.
    if (this.#exchange !== undefined && this.#ahead.length > MAX_AHEAD_BYTES) this.pause();
  }

  /** Serves the requests in `bytes` as far as they can be served at once; keeps the rest. */
  #process(bytes: Buffer, end: number): void {
    this.#processing = true;
    const parser = this.#context.requestParser;
    let at = 0;
    while (at < end && this.#exchange === undefined && !this.#lingering) {
      if (this.#socket.destroyed || this.#paused) break;
      const used = parser.parse(bytes, at, end, this.#resume, this.listener.headLimits);
      if (used === REFUSED) {
        this.#refuse(parser.refusal ?? reason.bad_request_line, bytes.subarray(at, end));
        break;
      }
      if (used === NEED_MORE) {
        this.#awaitRest(parser.resume);
        break;
      }
      this.#resume = 0;
      at += used;
      at = this.#serve(bytes, at, end);
    }
    this.#processing = false;
    if (at < end) this.#keepAhead(bytes.subarray(at, end));
  }

  /** Starts the exchange for the head just parsed; returns where its part of the bytes ends. */
  #serve(bytes: Buffer, at: number, end: number): number {
    this.#setTimer("idle", 0);
    this.#requests++;
    const exchange = new Exchange(this, this.#context);
    this.#exchange = exchange;
    exchange.begin(this.#context.requestParser);
    if (this.#exchange !== exchange || !exchange.wantsBody) return at;
    if (at < end) return exchange.requestBytes(bytes, at, end);
    this.awaitBody();
    return at;
  }

  /** The head is incomplete. Its clock starts with its first byte, not with every read. */
  #awaitRest(resume: number): void {
    this.#resume = resume;
    if (this.#timeoutMeans === "header") return;
    this.#setTimer("header", this.listener.snapshot.timeouts.headerMs);
  }

  /** `head` is what is there of it. */
  #refuse(why: Reason, head: Buffer): void {
    const { snapshot, headLimits } = this.listener;
    const { lineBytes } = headLimits;
    const who = { listener: snapshot.name, clientAddress: this.peer.address, lineBytes };
    refuse(this.#context, this.socket, who, why, head);
    this.close();
  }

  #clientEnded(): void {
    this.#context.clock.tick();
    this.#ended = true;
    // What is still being written goes out first.
    if (this.#lingering && this.#socket.writableFinished) this.socket.destroy();
    if (this.#lingering) return;
    if (this.#exchange === undefined) {
      // Paused with requests ahead: they are answered when the last answer was read.
      const isOwed = this.#paused && this.#ahead !== undefined;
      if (!isOwed || this.listener.snapshot.abortOnClose) this.close();
    } else this.#exchange.clientEnded();
  }

  #drained(): void {
    this.#context.clock.tick();
    if (this.#lingering) return;
    this.#timer.clear();
    if (this.#exchange !== undefined) this.#exchange.clientDrained();
    else this.#next();
  }

  #gone(): void {
    this.#context.clock.tick();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#timer.end();
    this.#totalTimer?.end();
    this.#lingering = true;
    this.#ahead = undefined;
    exchange?.clientGone(reason.client_closed);
    this.listener.forget(this);
  }

  #timedOut(): void {
    const exchange = this.#exchange;
    switch (this.#timeoutMeans) {
      case "idle":
        return this.close();
      case "header":
        // Nobody waits for an answer to a request that was never begun.
        if (!this.#isArriving) return this.close();
        return this.#refuse(reason.header_timeout, this.#ahead!);
      case "body":
        return exchange?.requestTimedOut();
      case "send":
        exchange?.clientGone(reason.client_too_slow);
        return this.reset();
      case "linger":
        this.socket.destroy();
    }
  }

  #setTimer(means: TimeoutMeaning, ms: number): void {
    this.#timeoutMeans = means;
    if (ms > 0) this.#timer.set(ms);
    else this.#timer.clear();
  }
}

/** Line ends only: some clients send one behind a body (RFC 9112 section 2.2). */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 13 || byte === 10);
}
