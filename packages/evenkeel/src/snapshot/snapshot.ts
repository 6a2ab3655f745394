/**
 * The snapshot: one frozen, versioned description of everything a proxy needs, posted by control
 * whenever the desired state changes. Plain data, so that it can cross threads.
 *
 * Times are milliseconds with 0 for "no limit"; sizes are bytes. `fingerprint` is equal for two
 * things exactly if nothing about them changed: a proxy keeps what has an equal fingerprint.
 */

export interface Snapshot {
  readonly version: number;
  readonly listeners: readonly ListenerSnapshot[];
  /** In configuration order; the router sorts by precedence. */
  readonly routes: readonly RouteSnapshot[];
  readonly upstreams: readonly UpstreamSnapshot[];
  readonly accessLog: AccessLogSnapshot | undefined;
  /** The name this balancer gives itself in `Via`, and by which it knows its own loops. */
  readonly viaName: string;
  /** The secret that sticky cookies are signed with. */
  readonly stickySecret: string;
}

export interface AccessLogSnapshot {
  readonly format: "json" | "combined";
  /** A file path, or "stdout". */
  readonly path: string;
  readonly serviceName: string;
}

export interface ListenerSnapshot {
  readonly name: string;
  readonly fingerprint: string;
  /** Row in the board's listener table. */
  readonly slot: number;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Over all proxies together; 0 for no limit. */
  readonly maxConnections: number;
  readonly limits: ClientLimits;
  readonly timeouts: ClientTimeouts;
  /** A client that ends its sending side has left: its request is not answered any more. */
  readonly abortOnClose: boolean;
  /** Networks (CIDR) whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly forwarded: ForwardedSnapshot;
}

/** Which headers a proxy adds towards the origin. */
export interface ForwardedSnapshot {
  /** X-Real-IP, X-Forwarded-For, -Proto, -Host. */
  readonly xForwarded: boolean;
  /** RFC 7239's `Forwarded`. */
  readonly forwarded: boolean;
  /** The request id's header name, lower case; empty for none. */
  readonly requestIdHeader: string;
  /** RFC 9110's `Via`, which is also what detects loops. */
  readonly via: boolean;
}

export interface ClientLimits {
  readonly requestLineBytes: number;
  readonly headerBytes: number;
  readonly headerCount: number;
  /** Requests served on one connection before it is closed; 0 for no limit. */
  readonly requestsPerConnection: number;
}

export interface ClientTimeouts {
  /** From the first byte of a head to its end; on a new connection from its accept. */
  readonly headerMs: number;
  /** Between two reads of a request's body. */
  readonly bodyMs: number;
  /** Idle between requests. */
  readonly keepAliveMs: number;
  /** Without progress while writing to a client that does not read. */
  readonly sendMs: number;
}

export interface StringMatch {
  readonly kind: "exact" | "prefix" | "regex" | "present" | "absent";
  /** Empty for present and absent. */
  readonly value: string;
}

export interface RouteSnapshot {
  /** The configured name, or one made of what it matches; unique. */
  readonly name: string;
  readonly fingerprint: string;
  /** Row in the board's route tables. */
  readonly slot: number;
  /** Position in the configuration: the last tie-break. */
  readonly order: number;
  readonly match: RouteMatch;
  readonly action: RouteAction;
  readonly requestHeaders: HeaderChanges | undefined;
  readonly responseHeaders: HeaderChanges | undefined;
  readonly timeouts: RouteTimeouts;
  readonly retry: RetrySnapshot;
  readonly hedge: HedgeSnapshot | undefined;
  readonly limits: RouteLimits;
  readonly access: AccessSnapshot | undefined;
  readonly rateLimit: RateLimitSnapshot | undefined;
}

/** Empty arrays match everything. All given parts must match; within a part any one. */
export interface RouteMatch {
  /** Names of listeners. */
  readonly listeners: readonly string[];
  /** Lower case; `*.` in front for a wildcard of one or more labels. */
  readonly hosts: readonly string[];
  readonly path:
    | { readonly kind: "exact" | "prefix" | "regex"; readonly value: string }
    | undefined;
  readonly methods: readonly string[];
  /** Names lower case. All must match. */
  readonly headers: readonly { readonly name: string; readonly match: StringMatch }[];
  readonly query: readonly { readonly name: string; readonly match: StringMatch }[];
  readonly cookies: readonly { readonly name: string; readonly match: StringMatch }[];
  /** Networks (CIDR) of the client, after trusted proxies were seen through. */
  readonly clients: readonly string[];
}

export type RouteAction =
  | {
      readonly kind: "forward";
      readonly upstream: string;
      readonly rewrite: RewriteSnapshot | undefined;
    }
  | {
      readonly kind: "redirect";
      readonly status: 301 | 302 | 303 | 307 | 308;
      /** Undefined parts are kept from the request. */
      readonly scheme: string | undefined;
      readonly host: string | undefined;
      readonly port: number | undefined;
      readonly path: RewritePath | undefined;
    }
  | {
      readonly kind: "respond";
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: string;
    };

export interface RewriteSnapshot {
  readonly path: RewritePath | undefined;
  /** Replaces `Host` towards the origin. */
  readonly host: string | undefined;
}

/** `prefix` replaces what the route's prefix matched (empty value: strips it); `full` all of it. */
export interface RewritePath {
  readonly kind: "prefix" | "full";
  readonly value: string;
}

export interface HeaderChanges {
  readonly set: readonly (readonly [name: string, value: string])[];
  readonly add: readonly (readonly [name: string, value: string])[];
  /** Lower case. */
  readonly remove: readonly string[];
}

export interface RouteTimeouts {
  /** From the request's head to the answer's last byte, retries included. */
  readonly totalMs: number;
  readonly connectMs: number;
  /** From the request sent to the answer's head. */
  readonly firstByteMs: number;
  /** Between two reads of the answer's body, and of a tunnel in both directions. */
  readonly idleMs: number;
  /** Of an upgraded connection without traffic. */
  readonly tunnelIdleMs: number;
}

export interface RetrySnapshot {
  /** Further attempts after the first; 0 turns retries off. */
  readonly attempts: number;
  readonly on: readonly RetryCondition[];
  /** Bodies up to this many bytes are kept to be sent again. */
  readonly replayBytes: number;
  /** Answers of a known length up to this many bytes are passed on when they are whole. */
  readonly answerBytes: number;
  /** Try POST, PATCH and LOCK again too, though they may have been carried out. */
  readonly nonIdempotent: boolean;
  /** Bound of one attempt to its answer's head; 0 leaves it to the other timeouts. */
  readonly attemptMs: number;
}
/** `connect_failure` and `reset` are on unless a list leaves them out. */
export type RetryCondition =
  | "connect_failure"
  | "reset"
  | "timeout"
  | "500"
  | "502"
  | "503"
  | "504"
  | "429";

export interface HedgeSnapshot {
  /** Another attempt starts when there was no head for this long; 0 with a percentile. */
  readonly afterMs: number;
  /** Or for as long as so many percent of the upstream's answers take; 0 with a time. */
  readonly percentile: number;
}

export interface RouteLimits {
  readonly bodyBytes: number;
  /** Length of the request target. */
  readonly uriBytes: number;
}

/** Decided by the longest matching network; equal lengths: deny wins. Neither given: allowed. */
export interface AccessSnapshot {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** A token bucket per key. */
export interface RateLimitSnapshot {
  readonly perSecond: number;
  readonly burst: number;
  /** What shares a bucket: the client's address, a header's value, or everybody. */
  readonly key: { readonly kind: "client" | "header" | "route"; readonly name: string };
  /** Buckets remembered; the longest unused is forgotten first. */
  readonly maxKeys: number;
  /** The buckets' shared memory, so that the limit is exact over all proxies: `undefined` as it
   * comes from the configuration, filled in by control, which keeps it across changes. */
  readonly storage: SharedArrayBuffer | undefined;
}

export type BalanceSnapshot =
  | {
      readonly policy:
        | "round_robin"
        | "random"
        | "least_conn"
        | "two_choices"
        | "ip_hash"
        | "first";
    }
  | { readonly policy: "least_time"; readonly decayMs: number }
  | {
      readonly policy: "hash";
      /** The parts of the key, joined in this order. */
      readonly key: readonly {
        readonly kind: "header" | "cookie" | "query" | "path" | "client" | "host";
        readonly name: string;
      }[];
      readonly algorithm: "maglev" | "ketama";
      /** Bounded load: no endpoint above this many percent of the mean (e.g. 125); 0 for off. */
      readonly boundedLoadPercent: number;
    };

export interface UpstreamSnapshot {
  readonly name: string;
  readonly fingerprint: string;
  /** Row in the board's upstream tables. */
  readonly slot: number;
  readonly balance: BalanceSnapshot;
  readonly endpoints: readonly EndpointSnapshot[];
  /** What endpoints get that come while it runs, such as instances of processes. */
  readonly maxConns: number;
  readonly sticky: StickySnapshot | undefined;
  readonly queue: { readonly max: number; readonly timeoutMs: number };
  /** Wait this long for an endpoint while none is available; 0 answers 503 at once. */
  readonly holdMs: number;
  readonly breaker: BreakerSnapshot;
  readonly retryBudget: { readonly percent: number; readonly min: number };
  readonly pool: PoolSnapshot;
  /** Bounds on what an origin may answer. */
  readonly responseHeaderBytes: number;
  readonly responseHeaderCount: number;
  /** Statuses that count as a failed attempt for passive judgement. */
  readonly failureStatuses: readonly number[];
}

export interface EndpointSnapshot {
  /** `address:port` as written; unique in its upstream; also the metrics' label. */
  readonly name: string;
  readonly slot: number;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly backup: boolean;
  /** Concurrent requests over all proxies; 0 for no limit. */
  readonly maxConns: number;
  /** nginx's accounting where written on the endpoint; undefined leaves it to ejection. */
  readonly maxFails: number | undefined;
  readonly failTimeoutMs: number;
  /** What a sticky cookie carries: stable, gives nothing away. */
  readonly stickyId: string;
}

export interface StickySnapshot {
  readonly cookie: string;
  readonly maxAgeS: number | undefined;
  readonly path: string;
  readonly domain: string | undefined;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: "strict" | "lax" | "none" | undefined;
}

export interface BreakerSnapshot {
  /** Each over all proxies; 0 for no limit. */
  readonly maxConnections: number;
  readonly maxPending: number;
  readonly maxRequests: number;
  readonly maxRetries: number;
  /** Opens when of at least `minRequests` in `windowMs` at least this share failed; undefined: never. */
  readonly error:
    | {
        readonly ratio: number;
        readonly minRequests: number;
        readonly windowMs: number;
        readonly openMs: number;
        readonly halfOpenRequests: number;
      }
    | undefined;
}

export interface PoolSnapshot {
  /** Idle connections kept per proxy and endpoint. */
  readonly maxIdle: number;
  readonly idleMs: number;
  /** Requests on one connection before it is closed; 0 for no limit. */
  readonly maxRequests: number;
}
