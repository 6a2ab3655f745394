/**
 * An upgraded connection: bytes of both sides as they come, each side held back while the other
 * does not keep up, each side's end passed on by itself.
 */
import type { ClientConnection } from "../client/client-connection.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { Timer, TimerWheel } from "../timer-wheel.ts";

/** Both ends of one upgraded connection. `onEnd` is called once, when it is over. */
export class Tunnel {
  bytesFromClient = 0;
  bytesFromOrigin = 0;
  readonly #client: ClientConnection;
  readonly #origin: OriginConnection;
  readonly #timer: Timer;
  readonly #idleMs: number;
  readonly #onEnd: () => void;
  #clientDone = false;
  #originDone = false;
  #closed = false;

  constructor(
    client: ClientConnection,
    origin: OriginConnection,
    wheel: TimerWheel,
    idleMs: number,
    onEnd: () => void,
  ) {
    this.#client = client;
    this.#origin = origin;
    this.#idleMs = idleMs;
    this.#onEnd = onEnd;
    this.#timer = wheel.timer(() => this.#onEnd());
    this.#touch();
  }

  /** The bytes are copied: the next ones are read into the same buffer. */
  fromClient(bytes: Buffer): void {
    this.#touch();
    this.bytesFromClient += bytes.length;
    if (!this.#origin.socket.write(Buffer.from(bytes))) this.#client.pause();
  }

  /** `undefined` once the origin sends no more. The bytes are the tunnel's own. */
  fromOrigin(bytes: Buffer | undefined): void {
    this.#touch();
    if (bytes === undefined) {
      this.#originDone = true;
      this.#client.socket.end();
      return this.#endIfBothDone();
    }
    this.bytesFromOrigin += bytes.length;
    if (!this.#client.socket.write(bytes)) this.#origin.socket.pause();
  }

  clientEnded(): void {
    // Done only when what is on its way was written: the end of both drops the connection.
    this.#origin.socket.end(() => {
      this.#clientDone = true;
      this.#endIfBothDone();
    });
  }

  clientDrained(): void {
    this.#touch();
    this.#origin.socket.resume();
  }

  originDrained(): void {
    this.#touch();
    this.#client.resume();
  }

  /** No more timeouts. */
  close(): void {
    this.#closed = true;
    this.#timer.end();
  }

  #touch(): void {
    if (this.#idleMs > 0) this.#timer.set(this.#idleMs);
  }

  #endIfBothDone(): void {
    if (this.#clientDone && this.#originDone && !this.#closed) this.#onEnd();
  }
}
