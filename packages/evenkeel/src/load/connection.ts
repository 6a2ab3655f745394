/** One connection of the generator, with at most one request out. */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import type { FailureKind } from "./failure-kind.ts";
import type { LoadRequest } from "./load-request.ts";
import { ResponseReader } from "./response-reader.ts";

/** Whom a connection tells. Each call is the last thing the connection does in its turn, so that the
 * owner may send at once. */
export interface ConnectionOwner {
  connected(connection: Connection): void;
  /** The answer is whole; the connection is free, or gone where `reusable` is false. */
  answered(connection: Connection): void;
  /** What was out has failed, or it never got connected; it is gone. */
  failed(connection: Connection, kind: FailureKind, reason: string): void;
  /** It ended while nothing was out. */
  ended(connection: Connection): void;
  received(bytes: number): void;
}

type State = "connecting" | "idle" | "busy" | "gone";

/** Connects at once. Reads into a buffer that all connections of a thread may share, because nothing
 * of it is used after the call that brings it. */
export class Connection {
  /** From when the request that is out counts, and when it fails for its age. */
  countsFromMs = 0;
  deadlineMs: number;
  /** When the latest answer came. */
  idleSinceMs = 0;
  /** Its place in the owner's list. */
  place = -1;
  readonly #owner: ConnectionOwner;
  readonly #request: LoadRequest;
  readonly #reader = new ResponseReader();
  readonly #withoutBody: boolean;
  readonly #socket: Socket;
  #state: State = "connecting";
  #error = "";

  constructor(request: LoadRequest, owner: ConnectionOwner, buffer: Buffer, deadlineMs: number) {
    this.#owner = owner;
    this.#request = request;
    this.#withoutBody = request.method === "HEAD";
    this.deadlineMs = deadlineMs;
    const onread = {
      buffer,
      callback: (size: number): boolean => {
        this.#arrived(buffer, size);
        return true;
      },
    };
    this.#socket = open(request, onread);
    this.#socket.setNoDelay(true);
    this.#socket.once(request.tls ? "secureConnect" : "connect", () => this.#connected());
    this.#socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    this.#socket.on("close", () => this.#closed());
  }

  get state(): State {
    return this.#state;
  }

  /** Status of the latest answer. */
  get status(): number {
    return this.#reader.status;
  }

  /** Sends the request; only while idle. */
  send(bytes: Uint8Array, countsFromMs: number, deadlineMs: number): void {
    this.#state = "busy";
    this.countsFromMs = countsFromMs;
    this.deadlineMs = deadlineMs;
    this.#reader.begin(this.#withoutBody);
    this.#socket.write(bytes);
  }

  /** Ends it without a word to the owner. */
  destroy(): void {
    this.#state = "gone";
    this.#socket.destroy();
  }

  /** Its time is over. */
  expire(): void {
    const wasConnecting = this.#state === "connecting";
    this.destroy();
    const reason = wasConnecting
      ? "not connected in time"
      : this.#reader.begun
        ? "the answer did not end in time"
        : "no answer in time";
    this.#owner.failed(this, wasConnecting ? "connect" : "timeout", reason);
  }

  #connected(): void {
    if (this.#state !== "connecting") return;
    this.#state = "idle";
    this.#owner.connected(this);
  }

  #arrived(bytes: Buffer, size: number): void {
    this.#owner.received(size);
    if (this.#state === "idle") {
      this.destroy(); // Bytes nobody asked for: what follows them could not be told from answers.
      this.#owner.ended(this);
      return;
    }
    if (this.#state !== "busy") return;
    const read = this.#reader.read(bytes, size);
    if (read === "complete") this.#answered();
    else if (read === "broken") {
      this.destroy();
      this.#owner.failed(this, "framing", this.#reader.problem);
    }
  }

  #answered(): void {
    if (this.#reader.keepAlive && this.#request.keepAlive) this.#state = "idle";
    else this.destroy();
    this.#owner.answered(this);
  }

  #closed(): void {
    const before = this.#state;
    this.#state = "gone";
    if (before === "gone") return;
    if (before === "idle") return this.#owner.ended(this);
    if (before === "connecting") {
      return this.#owner.failed(this, "connect", this.#error || "closed while connecting");
    }
    if (this.#error === "" && this.#reader.begun && this.#reader.end() === "complete") {
      return this.#owner.answered(this);
    }
    const when = this.#reader.begun ? "within an answer" : "before an answer";
    this.#owner.failed(this, "reset", `${this.#error || "closed"} ${when}`);
  }
}

function open(
  { address, port, tls }: LoadRequest,
  onread: { buffer: Uint8Array; callback: (size: number) => boolean },
): Socket {
  if (!tls) return connectPlain({ host: address, port, onread, autoSelectFamily: false });
  // `onread` works for TLS too, but is not in the type of its options.
  const options = {
    host: address,
    port,
    onread,
    rejectUnauthorized: !tls.insecure,
    ALPNProtocols: ["http/1.1"],
    ...(tls.serverName === "" ? {} : { servername: tls.serverName }),
  };
  return connectTls(options);
}
