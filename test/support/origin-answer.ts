/**
 * Writes one answer of an origin to its socket, with the faults its options ask for.
 */
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import type { Field } from "./http-framing.ts";
import type { AnswerOptions, OriginRequest } from "./origin.ts";

const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  102: "Processing",
  103: "Early Hints",
  200: "OK",
  201: "Created",
  204: "No Content",
  304: "Not Modified",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

const HUGE_STEP = Buffer.alloc(64 * 1024, "x");

/** Sends the answer and resolves when all of it is handed to the kernel; never resolves for an
 * answer that hangs, rejects when the socket is gone. */
export async function sendAnswer(
  socket: Socket,
  request: OriginRequest,
  options: AnswerOptions,
): Promise<void> {
  const writer = new FaultyWriter(socket, options);
  if (options.delayMs !== undefined) await pause(options.delayMs);
  if (options.hang === "before-answer") await forever(socket);
  if (options.garbage !== undefined) {
    await writer.write(toBytes(options.garbage));
    socket.end();
    return;
  }
  for (const status of options.interim ?? []) {
    await writer.write(toBytes(`HTTP/1.1 ${status} ${REASONS[status] ?? "Interim"}\r\n\r\n`));
  }
  const upgraded = options.upgrade === true && request.header("upgrade") !== undefined;
  const body = toBytes(options.body ?? `${options.name ?? "origin"}\n`);
  await writer.write(toBytes(headOf(request, options, body.length, upgraded)));
  if (options.hang === "after-head") await forever(socket);
  if (!upgraded && hasBody(request, options)) await sendBody(writer, options, body);
  if (options.hang === "in-body") await forever(socket);
  if (options.close || options.untilClose || request.header("connection") === "close") socket.end();
}

async function sendBody(writer: FaultyWriter, options: AnswerOptions, body: Buffer): Promise<void> {
  const chunked = isChunked(options);
  const total = options.bodyBytes ?? body.length;
  // A hang "in the body" leaves the second half unsent.
  const upTo = options.hang === "in-body" ? Math.floor(total / 2) : total;
  for (let sent = 0; sent < upTo;) {
    const size = Math.min(HUGE_STEP.length, upTo - sent);
    const part =
      options.bodyBytes === undefined
        ? body.subarray(sent, sent + size)
        : HUGE_STEP.subarray(0, size);
    await writer.write(chunked ? frame(part) : part);
    sent += size;
  }
  if (!chunked || options.hang === "in-body") return;
  const trailers = (options.trailers ?? []).map(toLine).join("");
  await writer.write(toBytes(`0\r\n${trailers}\r\n`));
}

function headOf(
  request: OriginRequest,
  options: AnswerOptions,
  bodyLength: number,
  upgraded: boolean,
): string {
  const status = upgraded ? 101 : (options.status ?? 200);
  const lines: Field[] = [["X-Origin", options.name ?? "origin"]];
  if (upgraded) {
    lines.push(["Connection", "Upgrade"], ["Upgrade", request.header("upgrade") ?? ""]);
  } else if (status !== 204 && status !== 304 && !options.untilClose) {
    lines.push(
      isChunked(options)
        ? ["Transfer-Encoding", "chunked"]
        : ["Content-Length", String(options.bodyBytes ?? bodyLength)],
    );
  }
  if (options.close || options.untilClose) lines.push(["Connection", "close"]);
  lines.push(...(options.fields ?? []));
  const reason = options.reason ?? REASONS[status] ?? "Status";
  return `HTTP/${options.version ?? "1.1"} ${status} ${reason}\r\n${lines.map(toLine).join("")}\r\n`;
}

function hasBody(request: OriginRequest, options: AnswerOptions): boolean {
  const status = options.status ?? 200;
  return request.method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
}

function isChunked(options: AnswerOptions): boolean {
  return options.chunked === true || options.trailers !== undefined;
}

function frame(part: Buffer): Buffer {
  return Buffer.concat([toBytes(`${part.length.toString(16)}\r\n`), part, toBytes("\r\n")]);
}

function toLine([name, value]: Field): string {
  return `${name}: ${value}\r\n`;
}

function toBytes(text: string | Buffer): Buffer {
  return typeof text === "string" ? Buffer.from(text, "latin1") : text;
}

/** Resolves never, but rejects when the connection is gone, so that nothing stays behind. */
function forever(socket: Socket): Promise<never> {
  return new Promise((_, reject) => {
    const gone = (): void => reject(new Error("the peer left"));
    if (socket.destroyed) gone();
    else socket.once("close", gone);
  });
}

/** Writes with back-pressure and cuts or slows the stream where the options say so. */
class FaultyWriter {
  readonly #socket: Socket;
  readonly #options: AnswerOptions;
  #sent = 0;

  constructor(socket: Socket, options: AnswerOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  async write(bytes: Buffer): Promise<void> {
    const { resetAfterBytes, closeAfterBytes, byteEveryMs } = this.#options;
    const limit = resetAfterBytes ?? closeAfterBytes ?? Number.POSITIVE_INFINITY;
    const allowed = bytes.subarray(0, Math.max(0, limit - this.#sent));
    this.#sent += allowed.length;
    if (byteEveryMs === undefined) await this.#push(allowed);
    else {
      for (let at = 0; at < allowed.length; at++) {
        await this.#push(allowed.subarray(at, at + 1));
        await pause(byteEveryMs);
      }
    }
    if (this.#sent < limit) return;
    if (resetAfterBytes !== undefined) this.#socket.resetAndDestroy();
    else this.#socket.destroySoon();
    await forever(this.#socket);
  }

  #push(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error("the peer left"));
      if (bytes.length === 0) return resolve();
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
}
