/**
 * The program of an origin process: `origin-process.ts PORT NAME DELAY_MS`.
 */
import { createServer } from "node:http";

const [port = "0", name = "origin", delayMs = "0"] = process.argv.slice(2);

const server = createServer((request, response) => {
  const asked = /^\/slow\?ms=(\d+)/.exec(request.url ?? "")?.[1];
  request.resume();
  request.on("end", () => {
    const answer = (): void => {
      response.setHeader("x-origin", name);
      response.end(`${name}\n`);
    };
    const waitMs = Number(asked ?? delayMs);
    if (waitMs > 0) setTimeout(answer, waitMs);
    else answer();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), "127.0.0.1", () => process.stdout.write("listening\n"));

process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
