/**
 * The client's connections to a balancer. A request goes to the connection that has been idle
 * longest, so that all are in use as if many clients were there; it is sent once and never again.
 */
import { connect, type Socket } from "node:net";

import { readBody } from "../origin/answer-body.ts";
import { type Answer, AnswerReader } from "./answer-reader.ts";
import { noOrigin, type Outcome, type Reason } from "./recording.ts";

/** What became of a request. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason: Reason;
  /** 0 without an answer. */
  readonly status: number;
  /** `noOrigin` when unknown. */
  readonly origin: number;
}

/** What a pool needs. */
export interface PoolOptions {
  readonly port: number;
  /** Idle connections kept. */
  readonly keep: number;
  readonly patienceMs: number;
  settled(id: number, verdict: Verdict): void;
  /** A connection broke with that request on it. */
  lost(id: number): void;
}

/** At most so many connections at once; requests beyond wait for one, and their wait counts. */
const MOST_CONNECTIONS = 6_000;
const SWEEP_EVERY_MS = 50;

/** Sends requests by their numbers: `/work/ID` must be answered with `writeBody(ID)`. */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #all = new Set<Connection>();
  readonly #waiting: number[] = [];
  readonly #sweep: NodeJS.Timeout;
  #idle: Connection[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#giveUpLate(), SWEEP_EVERY_MS);
  }

  /** Sends a request at once, on a new connection when none is idle. */
  send(id: number): void {
    const connection = this.#idle.shift() ?? this.#open();
    if (connection) connection.ask(id);
    else this.#waiting.push(id);
  }

  /** Closes all connections. */
  close(): void {
    clearInterval(this.#sweep);
    for (const connection of this.#all) connection.destroy();
  }

  #open(): Connection | undefined {
    if (this.#all.size >= MOST_CONNECTIONS) return undefined;
    const connection = new Connection(this.#options, {
      free: () => this.#freed(connection),
      gone: () => this.#gone(connection),
    });
    this.#all.add(connection);
    return connection;
  }

  #freed(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) connection.ask(next);
    else if (this.#idle.length < this.#options.keep) this.#idle.push(connection);
    else connection.destroy();
  }

  #gone(connection: Connection): void {
    this.#all.delete(connection);
    this.#idle = this.#idle.filter((idle) => idle !== connection);
    const next = this.#waiting.shift();
    if (next !== undefined) this.send(next);
  }

  #giveUpLate(): void {
    const before = performance.now() - this.#options.patienceMs;
    for (const connection of this.#all) {
      if (connection.askedAt < before) connection.giveUp();
    }
  }
}

interface Owner {
  free(): void;
  gone(): void;
}

const NOBODY = -1;

/** One connection: one request at a time. */
class Connection {
  /** When its request was sent; infinity while it has none. */
  askedAt = Number.POSITIVE_INFINITY;
  readonly #socket: Socket;
  readonly #options: PoolOptions;
  readonly #owner: Owner;
  readonly #reader = new AnswerReader();
  #id = NOBODY;
  #connected = false;
  #over = false;

  constructor(options: PoolOptions, owner: Owner) {
    this.#options = options;
    this.#owner = owner;
    this.#socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("connect", () => (this.#connected = true));
    this.#socket.on("data", (chunk) => this.#arrived(chunk));
    this.#socket.on("end", () => this.#ended());
    this.#socket.on("error", () => this.#ended());
    this.#socket.on("close", () => this.#ended());
  }

  ask(id: number): void {
    this.#id = id;
    this.askedAt = performance.now();
    this.#socket.write(`GET /work/${id} HTTP/1.1\r\nHost: lab\r\n\r\n`);
  }

  giveUp(): void {
    this.#settle({ ...failed, reason: "timeout" });
    this.destroy();
  }

  destroy(): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#owner.gone();
  }

  #arrived(chunk: Buffer): void {
    if (this.#over) return;
    let answer: Answer | undefined;
    try {
      if (this.#id === NOBODY) throw new Error("an answer nobody asked for");
      answer = this.#reader.push(chunk);
    } catch {
      // What can't be read is that request's failure; the connection can't be trusted any more.
      this.#settle({ ...failed, reason: "malformed" });
      this.destroy();
      return;
    }
    if (answer) this.#answered(answer);
  }

  #answered(answer: Answer): void {
    this.#settle(judge(answer, this.#id));
    if (answer.keepAlive) this.#owner.free();
    else this.destroy();
  }

  #ended(): void {
    if (this.#over) return;
    const last = this.#reader.end();
    if (last) this.#settle(judge(last, this.#id));
    else if (this.#id !== NOBODY) {
      if (this.#connected) this.#options.lost(this.#id);
      this.#settle({ ...failed, reason: this.#brokenReason() });
    }
    this.destroy();
  }

  #brokenReason(): Reason {
    if (!this.#connected) return "refused";
    return this.#reader.begun ? "cut" : "reset";
  }

  #settle(verdict: Verdict): void {
    const id = this.#id;
    if (id === NOBODY) return;
    this.#id = NOBODY;
    this.askedAt = Number.POSITIVE_INFINITY;
    this.#options.settled(id, verdict);
  }
}

const failed = { outcome: "failed", status: 0, origin: noOrigin } as const;

function judge({ status, body }: Answer, id: number): Verdict {
  if (status !== 200) return { ...failed, reason: "status", status };
  const origin = readBody(body, id);
  if (origin === undefined) {
    return { outcome: "wrong", reason: "body", status, origin: noOrigin };
  }
  return { outcome: "ok", reason: "none", status, origin };
}
