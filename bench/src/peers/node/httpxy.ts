/** httpxy with its own keep-alive agent and X-Forwarded-* by its own option. */
import { createServer } from "node:http";

import { createProxyServer } from "httpxy";

import { nextBase, port } from "./launch.ts";

const proxy = createProxyServer({ xfwd: true });

const server = createServer((request, response) => {
  request.headers["x-real-ip"] = request.socket.remoteAddress ?? "";
  proxy.web(request, response, { target: nextBase() }).catch(() => {
    response.statusCode = 502;
    response.end();
  });
});
server.keepAliveTimeout = 3_600_000;
server.listen({ port, host: "127.0.0.1", backlog: 4096 });
