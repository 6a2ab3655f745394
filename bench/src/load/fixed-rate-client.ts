/**
 * The program that offers a fixed rate over raw sockets:
 * `fixed-rate-client.ts PORT RATE SECONDS WARMUP_SECONDS CONNECTIONS`; prints one JSON line.
 *
 * Open loop: request n is due at n/rate whatever happened to the others, and its latency counts from
 * when it was due, so that a stall of the proxy is charged to every request it delays (wrk, a closed
 * loop, would just send fewer). One request at a time per connection; what is due while all
 * connections are busy waits its turn and the wait counts. Between events it polls without sleeping,
 * because timers are too coarse for gaps of microseconds; its own lateness is recorded too.
 */
import { connect, type Socket } from "node:net";

import { Histogram } from "./histogram.ts";

const [port = 0, rate = 1, seconds = 1, warmupSeconds = 0, connections = 1] = process.argv
  .slice(2)
  .map(Number);

const REQUEST = Buffer.from(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, "latin1");
const HEAD_END = Buffer.from("\r\n\r\n", "latin1");

const latency = new Histogram();
const lateness = new Histogram();
const idle: Lane[] = [];
let errors = 0;
let sent = 0;
let answered = 0;
let startedAt = 0;
/** When a connection became free after all had been busy. */
let freeSince = 0;

const warmupRequests = Math.floor(rate * warmupSeconds);
const totalRequests = warmupRequests + Math.floor(rate * seconds);

/** One connection and the request that is out on it. */
class Lane {
  readonly #socket: Socket;
  #index = -1;
  #buffered: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#arrived(chunk));
    socket.on("error", () => this.#lost());
    socket.on("close", () => this.#lost());
  }

  send(index: number): void {
    this.#index = index;
    this.#socket.write(REQUEST);
  }

  #arrived(chunk: Buffer): void {
    const bytes = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const length = answerLength(bytes);
    if (length < 0 || bytes.length < length) {
      this.#buffered = bytes;
      return;
    }
    if (bytes.length > length || bytes[9] !== 0x32) errors++; // surplus bytes, or a status not 2xx
    this.#buffered = Buffer.alloc(0);
    this.#settle();
    if (idle.length === 0) freeSince = performance.now();
    idle.push(this);
    sendDue();
  }

  #settle(): void {
    if (this.#index >= warmupRequests)
      latency.record((performance.now() - dueAt(this.#index)) * 1e3);
    this.#index = -1;
    if (++answered === totalRequests) finish();
  }

  #lost(): void {
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
    if (this.#index < 0) return;
    errors++;
    this.#settle();
  }
}

/** Bytes of the answer that begins the buffer; -1 while its head isn't complete. Only answers with a
 * Content-Length are understood: others would make every later number wrong, so they end the run. */
function answerLength(bytes: Buffer): number {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return -1;
  const match = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString("latin1", 0, end + 2));
  if (!match) throw new Error("an answer without Content-Length");
  return end + 4 + Number(match[1]);
}

function dueAt(index: number): number {
  return startedAt + (index * 1_000) / rate;
}

function sendDue(): void {
  const now = performance.now();
  while (sent < totalRequests && idle.length > 0 && dueAt(sent) <= now) {
    // Waiting for a free connection is the proxy's doing; only what comes on top is the client's.
    if (sent >= warmupRequests) lateness.record((now - Math.max(dueAt(sent), freeSince)) * 1e3);
    idle.pop()!.send(sent++);
  }
}

function poll(): void {
  sendDue();
  if (sent < totalRequests) setImmediate(poll);
}

function finish(): void {
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  const result = {
    requests: totalRequests - warmupRequests,
    errors,
    achievedRate: answered / wallSeconds,
    p50Us: latency.quantileUs(0.5),
    p90Us: latency.quantileUs(0.9),
    p99Us: latency.quantileUs(0.99),
    p999Us: latency.quantileUs(0.999),
    maxUs: latency.maxUs,
    latenessP50Us: lateness.quantileUs(0.5),
    latenessP99Us: lateness.quantileUs(0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

async function open(): Promise<void> {
  for (let count = 0; count < connections; count++) {
    const socket = connect({ port, host: "127.0.0.1" });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    idle.push(new Lane(socket));
  }
  startedAt = performance.now();
  poll();
}

await open();
