/** @fastify/http-proxy (undici) with its origin chosen per request. */
import httpProxy from "@fastify/http-proxy";
import fastify from "fastify";

import { nextBase, port } from "./launch.ts";

const server = fastify({ keepAliveTimeout: 3_600_000 });
await server.register(httpProxy, {
  upstream: "",
  undici: { connections: 64, pipelining: 1 },
  replyOptions: {
    getUpstream: () => nextBase(),
    rewriteRequestHeaders: (request, headers) => {
      const client = request.socket.remoteAddress ?? "";
      return {
        ...headers,
        "x-real-ip": client,
        "x-forwarded-for": client,
        "x-forwarded-proto": "http",
        "x-forwarded-host": request.headers.host ?? "",
      };
    },
  },
});
await server.listen({ port, host: "127.0.0.1", backlog: 4096 });
