/** Upstreams as proxies get them. */
import { createHmac } from "node:crypto";
import type {
  BalanceSnapshot,
  BreakerSnapshot,
  EndpointSnapshot,
  StickySnapshot,
  UpstreamSnapshot,
} from "../../snapshot/snapshot.ts";
import type { Config } from "../config.ts";
import type { BalanceConfig } from "../schema/balance.ts";
import type { StickyConfig } from "../schema/sticky.ts";
import type { EndpointConfig, UpstreamConfig } from "../schema/upstream.ts";
import { fingerprinted } from "./fingerprint.ts";

/** Rows of the board, in the order of `config.upstreams` and their endpoints. */
export interface UpstreamSlots {
  readonly upstreams: readonly number[];
  readonly endpoints: readonly number[];
}

/** nginx's default. */
export const defaultFailTimeoutMs = 10_000;

/** In configuration order. `secret` signs what sticky cookies carry. */
export function toUpstreams(
  config: Config,
  slots: UpstreamSlots,
  secret: string,
): UpstreamSnapshot[] {
  let at = 0;
  return Object.entries(config.upstreams).map(([name, upstream], index) => {
    const endpoints = upstream.endpoints.map((endpoint) => {
      const stickyId = upstream.sticky ? toStickyId(secret, name, endpoint.address.name) : "";
      return toEndpoint(upstream, endpoint, slots.endpoints[at++]!, stickyId);
    });
    return toUpstream(name, upstream, slots.upstreams[index]!, endpoints);
  });
}

function toUpstream(
  name: string,
  upstream: UpstreamConfig,
  slot: number,
  endpoints: readonly EndpointSnapshot[],
): UpstreamSnapshot {
  return fingerprinted({
    name,
    slot,
    balance: toBalance(upstream.balance),
    endpoints,
    maxConns: upstream.max_conns,
    sticky: upstream.sticky && toSticky(upstream.sticky),
    queue: { max: upstream.queue.max, timeoutMs: upstream.queue.timeout },
    holdMs: upstream.hold,
    breaker: toBreaker(upstream),
    retryBudget: upstream.retry_budget,
    pool: {
      maxIdle: upstream.pool.max_idle,
      idleMs: upstream.pool.idle_timeout,
      maxRequests: upstream.pool.max_requests,
    },
    responseHeaderBytes: upstream.limits.response_headers,
    responseHeaderCount: upstream.limits.response_header_count,
    failureStatuses: upstream.failure_statuses,
  });
}

function toEndpoint(
  upstream: UpstreamConfig,
  endpoint: EndpointConfig,
  slot: number,
  stickyId: string,
): EndpointSnapshot {
  const { name, host, port } = endpoint.address;
  return {
    name,
    slot,
    host,
    port,
    weight: endpoint.weight,
    backup: endpoint.backup,
    maxConns: endpoint.max_conns ?? upstream.max_conns,
    ...toFailAccounting(endpoint),
    stickyId,
  };
}

/** nginx's two words: each brings the other's default along, neither leaves it to ejection. */
export function toFailAccounting(endpoint: EndpointConfig): {
  readonly maxFails: number | undefined;
  readonly failTimeoutMs: number;
} {
  const { max_fails: fails, fail_timeout: timeout } = endpoint;
  const maxFails = fails ?? (timeout === undefined ? undefined : 1);
  return { maxFails, failTimeoutMs: timeout ?? defaultFailTimeoutMs };
}

/** What a sticky cookie carries for an endpoint: stable, gives nothing away. */
export function toStickyId(secret: string, upstream: string, endpoint: string): string {
  const digest = createHmac("sha256", secret).update(`${upstream}\0${endpoint}`).digest();
  return digest.subarray(0, 12).toString("base64url");
}

function toBalance(balance: BalanceConfig): BalanceSnapshot {
  if (balance.policy === "least_time") return { policy: balance.policy, decayMs: balance.decay };
  if (balance.policy !== "hash") return { policy: balance.policy };
  return {
    policy: balance.policy,
    key: balance.key,
    algorithm: balance.algorithm,
    boundedLoadPercent: balance.bounded_load,
  };
}

function toSticky(sticky: StickyConfig): StickySnapshot {
  return {
    cookie: sticky.cookie,
    maxAgeS: sticky.max_age === undefined ? undefined : Math.ceil(sticky.max_age / 1_000),
    path: sticky.path,
    domain: sticky.domain,
    secure: sticky.secure,
    httpOnly: sticky.http_only,
    sameSite: sticky.same_site,
  };
}

function toBreaker({ circuit_breaker: breaker }: UpstreamConfig): BreakerSnapshot {
  const { error } = breaker;
  return {
    maxConnections: breaker.max_connections,
    maxPending: breaker.max_pending,
    maxRequests: breaker.max_requests,
    maxRetries: breaker.max_retries,
    error: error && {
      ratio: error.ratio / 100,
      minRequests: error.min_requests,
      windowMs: error.window,
      openMs: error.open,
      halfOpenRequests: error.half_open_requests,
    },
  };
}
