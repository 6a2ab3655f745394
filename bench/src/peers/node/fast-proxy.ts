/** fast-proxy over undici, the faster of its two ways. */
import { createServer } from "node:http";

import fastProxy from "fast-proxy";

import { originPorts, port } from "./launch.ts";

const proxies = originPorts.map((origin) =>
  fastProxy({
    base: `http://127.0.0.1:${origin}`,
    undici: { connections: 64, pipelining: 1 },
    cacheURLs: 100,
  }),
);
let turn = 0;

const server = createServer((request, response) => {
  turn = turn + 1 === proxies.length ? 0 : turn + 1;
  proxies[turn]!.proxy(request, response, request.url ?? "/", {
    rewriteRequestHeaders: (incoming, headers) => {
      const client = incoming.socket.remoteAddress ?? "";
      return {
        ...headers,
        "x-real-ip": client,
        "x-forwarded-for": client,
        "x-forwarded-proto": "http",
        "x-forwarded-host": incoming.headers.host ?? "",
      };
    },
  });
});
server.keepAliveTimeout = 3_600_000;
server.listen({ port, host: "127.0.0.1", backlog: 4096 });
