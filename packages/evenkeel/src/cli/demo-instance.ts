/** One demo instance of the quick start: a small HTTP service. Started with its number; listens on the
 * port that PORT names. */
import { createServer } from "node:http";

const number = Number(process.argv[2] ?? "1");
const name = String.fromCodePoint("A".codePointAt(0)! + number - 1);
let served = 0;

const server = createServer((request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  if (request.url === "/healthz") return void response.end("fine\n");
  served++;
  return void response.end(
    `Hello from instance ${name} (process ${process.pid}), its answer number ${served}\n`,
  );
});
server.listen(Number(process.env["PORT"]), "127.0.0.1", () =>
  process.stdout.write(`instance ${name} is up\n`),
);

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
// What Evenkeel runs outlives it, to be found again; a demo has nobody to come back to it.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(0), 500).unref();
