/** Listeners as proxies get them. */
import type { ClientLimits, ClientTimeouts, ListenerSnapshot } from "../../snapshot/snapshot.ts";
import type { Config } from "../config.ts";
import type { ListenerConfig } from "../schema/listener.ts";
import { fingerprinted } from "./fingerprint.ts";

/** In configuration order. */
export function toListeners(config: Config, slots: readonly number[]): ListenerSnapshot[] {
  return Object.entries(config.listeners).map(([name, listener], at) =>
    fingerprinted({
      name,
      slot: slots[at]!,
      addresses: listener.bind.map(({ host, port }) => ({ host, port })),
      maxConnections: listener.max_connections,
      limits: toLimits(config, listener),
      timeouts: toTimeouts(config, listener),
      abortOnClose: listener.abort_on_close,
      trustedProxies: listener.trusted_proxies ?? config.trusted_proxies,
      forwarded: {
        xForwarded: listener.forwarded.x_forwarded,
        forwarded: listener.forwarded.forwarded,
        requestIdHeader: listener.forwarded.request_id,
        via: listener.forwarded.via,
      },
    }),
  );
}

function toLimits(config: Config, { limits }: ListenerConfig): ClientLimits {
  const top = config.limits;
  return {
    requestLineBytes: limits.request_line ?? top.request_line,
    headerBytes: limits.headers ?? top.headers,
    headerCount: limits.header_count ?? top.header_count,
    requestsPerConnection: limits.requests_per_connection ?? top.requests_per_connection,
  };
}

function toTimeouts(config: Config, { timeouts }: ListenerConfig): ClientTimeouts {
  const top = config.timeouts;
  return {
    headerMs: timeouts.header ?? top.header,
    bodyMs: timeouts.body ?? top.body,
    keepAliveMs: timeouts.keep_alive ?? top.keep_alive,
    sendMs: timeouts.send ?? top.send,
  };
}
