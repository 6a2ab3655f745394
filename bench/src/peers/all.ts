/**
 * Every proxy the bench knows, in the order of its tables.
 */
import { caddy } from "./caddy.ts";
import { evenkeel, evenkeelAsItComes } from "./evenkeel.ts";
import { haproxy } from "./haproxy.ts";
import { createNginx } from "./nginx.ts";
import { createNodeProxy } from "./node-proxy.ts";
import type { Peer } from "./peer.ts";

/** nginx with its defaults. */
export const nginx = createNginx();

/** The proxies published on npm. */
export const nodeProxies: readonly Peer[] = [
  createNodeProxy("httpxy", "httpxy"),
  createNodeProxy("fast-proxy", "fast-proxy"),
  createNodeProxy("@fastify/http-proxy", "fastify-http-proxy"),
];

export { caddy, evenkeel, evenkeelAsItComes, haproxy };

/** All of them. */
export const allPeers: readonly Peer[] = [
  evenkeel,
  evenkeelAsItComes,
  nginx,
  haproxy,
  caddy,
  ...nodeProxies,
];
