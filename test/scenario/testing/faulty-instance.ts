/**
 * The program of an instance that falls ill when it is told to: `faulty-instance.ts PORT NAME MARK`.
 * `POST /become/KIND` makes it slow, failing, deaf, fat, hung or gone; nothing but its end heals it.
 * `/healthz` stays fine all the while, as health checks that look at too little do, except in `hung`.
 */
import { createServer, type ServerResponse } from "node:http";

const [port = "0", name = "instance"] = process.argv.slice(2);

/** Far above what a healthy one takes, below what makes requests time out. */
const SLOW_MS = 400;
const FAT_BYTES = 150 * 1024 * 1024;

let illness = "none";
/** Kept so that its memory stays resident. */
const ballast: Buffer[] = [];

const server = createServer((request, response) => {
  request.resume();
  response.setHeader("x-origin", name);
  const asked = /^\/become\/(\w+)$/.exec(request.url ?? "")?.[1];
  if (asked !== undefined && request.method === "POST") {
    response.end(`${asked}\n`, () => fallIll(asked));
  } else if (request.url === "/healthz") {
    response.end("fine\n");
  } else {
    answer(response);
  }
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), "127.0.0.1", () => process.stdout.write("listening\n"));

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

function fallIll(kind: string): void {
  illness = kind;
  if (kind === "gone") process.exit(3);
  if (kind === "fat") ballast.push(Buffer.alloc(FAT_BYTES, 1));
  // Never answers again, health checks neither, and does not hear of TERM.
  if (kind === "hung") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function answer(response: ServerResponse): void {
  if (illness === "deaf") return;
  if (illness === "failing") response.statusCode = 503;
  const send = (): void => void response.end(`${name}\n`);
  if (illness === "slow") setTimeout(send, SLOW_MS);
  else send();
}
