/** One demo instance of the quick start: a small HTTP service in a process of its own, so that it can
 * be killed like any other. Started with its name and port (0 for any); tells its parent the port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [name = "?", port = "0"] = process.argv.slice(2);
let served = 0;

const server = createServer((request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  if (request.url === "/healthz") return void response.end("fine\n");
  served++;
  return void response.end(
    `Hello from instance ${name} (process ${process.pid}), its answer number ${served}\n`,
  );
});
server.listen(Number(port), "127.0.0.1", () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
// A terminal's Ctrl-C reaches the whole group: the balancer drains first, then lets go.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));
