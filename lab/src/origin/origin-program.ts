/**
 * The program of an origin: `origin-program.ts PORT NUMBER`. It obeys orders from its parent's
 * channel and ends when that closes.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { writeBody } from "./answer-body.ts";
import { type Behaviour, type ColdQueue, coldDelayMs, sound } from "./behaviour.ts";
import { acceptKey, writeDownload } from "./long-answers.ts";
import type { Order, Report } from "./orders.ts";

const port = Number(process.argv[2]);
const origin = Number(process.argv[3]);

let behaviour: Behaviour = sound;
let coldSince = 0;
const coldQueue: ColdQueue = { busyUntilMs: 0 };
let served = 0;
const usedSockets = new WeakSet<Socket>();

const server = createServer({ keepAlive: true }, (request, response) => {
  const path = request.url ?? "/";
  if (path === "/healthz") return answerCheck(response);
  if (path.startsWith("/download/")) return writeDownload(path, response);
  served++;
  if (crosses(request)) return void request.socket.end();
  watchIdle(request, response);
  if (behaviour.hangs) return;
  answerLater(path, request, response);
});
// The laboratory decides when idle connections close.
server.keepAliveTimeout = 3_600_000;

server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
  socket.on("error", () => {}); // the other side may go first
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${acceptKey(request.headers["sec-websocket-key"] ?? "")}\r\n\r\n`,
  );
  socket.pipe(socket);
});

function answerCheck(response: ServerResponse): void {
  response.statusCode = behaviour.check === "fine" ? 200 : 503;
  response.end("checked\n");
}

function answerLater(path: string, request: IncomingMessage, response: ServerResponse): void {
  const { cold, delayMs } = behaviour;
  const coldMs = cold ? coldDelayMs(cold, coldQueue, performance.now() - coldSince) : 0;
  setTimeout(() => answer(path, request, response), delayMs + coldMs);
}

function answer(path: string, request: IncomingMessage, response: ServerResponse): void {
  const { resets, errorShare } = behaviour;
  if (resets === "before_head") return void request.socket.resetAndDestroy();
  if (errorShare > 0 && Math.random() < errorShare) {
    response.statusCode = 503;
    response.end("broken\n");
    return;
  }
  const id = Number(path.slice(path.lastIndexOf("/") + 1));
  const body = writeBody(id, origin);
  response.setHeader("content-type", "application/octet-stream");
  response.setHeader("content-length", body.length);
  if (resets !== "inside_body") {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, body.length / 2));
  // A reset discards what the kernel has not sent yet: give it the time to.
  setTimeout(() => request.socket.resetAndDestroy(), RESET_AFTER_MS);
}

/** Whether this request meets the end of its connection; the first on a connection never does. */
function crosses({ socket }: IncomingMessage): boolean {
  const used = usedSockets.has(socket);
  usedSockets.add(socket);
  return used && behaviour.crossedShare > 0 && Math.random() < behaviour.crossedShare;
}

/** Closes the connection at a random moment after this answer, whether or not the next request is
 * on its way: what an origin's own idle timeout does. */
function watchIdle(request: IncomingMessage, response: ServerResponse): void {
  if (behaviour.closeIdleWithinMs === 0) return;
  const { socket } = request;
  const before = socket.bytesRead;
  response.once("finish", () => {
    setTimeout(() => {
      if (socket.bytesRead === before) socket.end();
    }, Math.random() * behaviour.closeIdleWithinMs);
  });
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case "listen":
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host: "127.0.0.1", backlog: 4_096 }, () => {
          server.off("error", reject);
          resolve();
        });
      });
      return;
    case "refuse":
    case "leave":
      if (order.kind === "leave") {
        server.once("close", () => process.exit(0));
        setTimeout(() => process.exit(0), LEAVES_WITHIN_MS);
      }
      close();
      return;
    case "behave":
      ({ behaviour } = order);
      coldSince = performance.now();
      coldQueue.busyUntilMs = 0;
  }
}

/** Connections that are in use now become idle when their answer is out, and close then. */
function close(): void {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  server.close(() => clearInterval(sweep));
  server.closeIdleConnections();
}

function report(message: Report): void {
  // A parent that is gone is told of by "disconnect".
  process.send?.(message, undefined, undefined, () => {});
}

const RESET_AFTER_MS = 5;
const COUNT_EVERY_MS = 100;
const SWEEP_EVERY_MS = 5;
/** What is in flight then is cut off, as a deployment does after its grace. */
const LEAVES_WITHIN_MS = 2_000;

process.on("message", (order: Order) => {
  void obey(order).then(() => report({ kind: "done", number: order.number }));
});
process.on("disconnect", () => process.exit(0));
setInterval(() => report({ kind: "served", count: served }), COUNT_EVERY_MS).unref();
report({ kind: "loaded" });
