/**
 * The program that offers a fixed rate over raw sockets:
 * `fixed-rate-client.ts PORT RATE SECONDS WARMUP_SECONDS CONNECTIONS`; prints one JSON line.
 *
 * Open loop: request n is due at n/rate whatever happened to the others, and its latency counts from
 * when it was due, so that a stall of the proxy is charged to every request it delays (wrk, a closed
 * loop, would just send fewer). One request at a time per connection; what is due while all
 * connections are busy waits its turn and the wait counts. Between events it polls without sleeping,
 * because timers are too coarse for gaps of microseconds: start it at idle priority (see
 * `fixed-rate.ts`). Its own lateness is recorded too.
 */
import { once } from "node:events";
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
  readonly #buffer = Buffer.allocUnsafe(16 * 1024);
  #filled = 0;
  #index = -1;

  constructor() {
    const chunk = Buffer.allocUnsafe(16 * 1024);
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      // One buffer for good: garbage would turn into pauses, and those into latency.
      onread: {
        buffer: chunk,
        callback: (size) => {
          this.#arrived(chunk, size);
          return true;
        },
      },
    });
    this.#socket.on("error", () => this.#lost());
    this.#socket.on("close", () => this.#lost());
  }

  async connected(): Promise<void> {
    await once(this.#socket, "connect");
  }

  send(index: number): void {
    this.#index = index;
    this.#socket.write(REQUEST);
  }

  #arrived(chunk: Buffer, size: number): void {
    chunk.copy(this.#buffer, this.#filled, 0, size);
    this.#filled += size;
    const length = answerLength(this.#buffer, this.#filled);
    if (length < 0 || this.#filled < length) return;
    if (this.#filled > length || this.#buffer[9] !== 0x32) errors++; // surplus, or not a 2xx
    this.#filled = 0;
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

/** Bytes of the answer at the start of the buffer; -1 while its head isn't complete. Only answers
 * with a Content-Length are understood: others would make every later number wrong, so they end the
 * run. */
function answerLength(bytes: Buffer, filled: number): number {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0 || end + 4 > filled) return -1;
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
    const lane = new Lane();
    await lane.connected();
    idle.push(lane);
  }
  startedAt = performance.now();
  poll();
}

await open();
