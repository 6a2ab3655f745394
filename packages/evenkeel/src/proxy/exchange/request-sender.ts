/**
 * Sends a request that has a body: what has come of it is kept, up to a bound, so that another
 * attempt can send it again; past the bound it is only passed on, and there are no more attempts.
 */
import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { Direct } from "../wire/direct.ts";
import type { Outgoing } from "../wire/outgoing.ts";

/** One request's body on its way to whichever connections its attempts use. */
export class RequestSender {
  /** All of the body so far can still be sent again. */
  replayable = true;
  /** All of the body has come. */
  isWhole = false;
  /** The client keeps the body back until an origin asks for it (`Expect: 100-continue`). */
  awaitsGoAhead: boolean;
  readonly #head: Outgoing;
  readonly #direct: Direct;
  readonly #replayBytes: number;
  readonly #connections: OriginConnection[] = [];
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #firstByteMs = 0;

  constructor(head: Outgoing, replayBytes: number, direct: Direct, awaitsGoAhead: boolean) {
    this.awaitsGoAhead = awaitsGoAhead;
    this.#head = head;
    this.#direct = direct;
    this.#replayBytes = replayBytes;
  }

  /** The client should send no more for now: nothing takes it, or not as fast as it comes. */
  get blocked(): boolean {
    let open = 0;
    for (const { socket } of this.#connections) {
      if (socket.destroyed) continue;
      if (socket.writableNeedDrain) return true;
      open++;
    }
    return open === 0 && this.#keptBytes >= this.#replayBytes;
  }

  /** Sends head and body so far on a connected connection, and what follows as it comes. */
  attach(connection: OriginConnection, firstByteMs: number): void {
    this.#firstByteMs = firstByteMs;
    const { socket } = connection;
    if (this.#kept.length > 0) socket.cork();
    this.#head.writeTo(socket, this.#direct);
    for (const piece of this.#kept) write(connection, piece);
    if (this.#kept.length > 0) socket.uncork();
    this.#connections.push(connection);
    if (this.#keptBytes > this.#replayBytes) this.#forgetKept();
    if (this.isWhole) this.#sent(connection);
    else if (this.awaitsGoAhead) connection.awaitGoAhead(firstByteMs);
  }

  /** An origin asked for the body, or the client did not wait for that: it is the client now whom
   * time is measured of. */
  goAhead(): void {
    this.awaitsGoAhead = false;
    for (const connection of this.#connections) connection.awaitGoAhead(0);
  }

  /** Takes the next piece; copied, since the caller reads the next bytes into the same buffer. */
  push(bytes: Buffer, from: number, to: number): void {
    if (this.awaitsGoAhead) this.goAhead();
    const piece = Buffer.from(bytes.subarray(from, to));
    let taken = false;
    for (const connection of this.#connections) {
      if (connection.socket.destroyed) continue;
      write(connection, piece);
      taken = true;
    }
    if (!this.replayable) return;
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
    if (taken && this.#keptBytes > this.#replayBytes) this.#forgetKept();
  }

  /** The body is complete. */
  finish(): void {
    this.isWhole = true;
    for (const connection of this.#connections) this.#sent(connection);
  }

  #sent(connection: OriginConnection): void {
    connection.requestSent = true;
    connection.awaitAnswer(this.#firstByteMs);
  }

  #forgetKept(): void {
    this.replayable = false;
    this.#kept = [];
  }
}

function write(connection: OriginConnection, piece: Buffer): void {
  connection.bytesSent += piece.length;
  connection.socket.write(piece);
}
