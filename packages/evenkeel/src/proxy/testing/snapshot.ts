/** Snapshots for tests, built from what a test cares about; all else has calm defaults. */
import type {
  EndpointSnapshot,
  ListenerSnapshot,
  RouteSnapshot,
  Snapshot,
  UpstreamSnapshot,
} from "../../snapshot/snapshot.ts";

/** Any part of a plain description; lists are given whole. */
export type Parts<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Parts<T[K]> | undefined }
    : T;

/** An endpoint by its port (or by something that has one), or with settings. */
export type EndpointParts =
  | number
  | { readonly port: number; readonly requests?: unknown }
  | (Partial<EndpointSnapshot> & { readonly port: number });

export type UpstreamParts = Omit<Parts<UpstreamSnapshot>, "endpoints"> & {
  readonly endpoints?: readonly EndpointParts[];
};

/** Everything may be left out: one listener, one route to an upstream "u" without endpoints. */
export interface SnapshotParts {
  readonly version?: number;
  readonly listener?: Parts<ListenerSnapshot>;
  readonly routes?: readonly Parts<RouteSnapshot>[];
  readonly upstreams?: readonly UpstreamParts[];
  readonly accessLog?: Snapshot["accessLog"];
}

/** Builds a snapshot. Slots are given by position; fingerprints follow from the content. */
export function snapshot(parts: SnapshotParts): Snapshot {
  let slot = 0;
  const upstreams = (parts.upstreams ?? [{}]).map((one, index) => {
    const endpoints = (one.endpoints ?? []).map((endpoint) => endpointOf(endpoint, slot++));
    const { endpoints: _, ...rest } = one;
    return finished(merge({ ...upstreamDefaults, slot: index, endpoints }, rest));
  });
  const routes = (parts.routes ?? [{}]).map((one, index) =>
    finished(merge({ ...routeDefaults, name: `route-${index}`, slot: index, order: index }, one)),
  );
  return {
    version: parts.version ?? 1,
    listeners: [finished(merge(listenerDefaults, parts.listener ?? {}))],
    routes,
    upstreams,
    accessLog: parts.accessLog,
    viaName: "evenkeel",
    stickySecret: "a secret for tests",
  };
}

function endpointOf(given: EndpointParts, slot: number): EndpointSnapshot {
  const settings = typeof given === "number" ? { port: given } : given;
  const { port } = settings;
  const defaults: EndpointSnapshot = {
    name: `127.0.0.1:${port}`,
    slot,
    host: "127.0.0.1",
    port,
    weight: 1,
    backup: false,
    maxConns: 0,
    maxFails: undefined,
    failTimeoutMs: 10_000,
    stickyId: `e${slot}`,
  };
  return "requests" in settings ? defaults : { ...defaults, ...settings };
}

function finished<T extends { readonly fingerprint: string }>(one: T): T {
  return { ...one, fingerprint: JSON.stringify(one) };
}

/** `given` over `defaults`, part by part; lists and tagged choices are replaced whole. */
function merge<T extends object>(defaults: T, given: object): T {
  const merged = { ...defaults } as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    const before = merged[key];
    const deep = isPlain(before) && isPlain(value) && !("kind" in value) && !("policy" in value);
    merged[key] = deep ? merge(before, value) : value;
  }
  return merged as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const listenerDefaults: ListenerSnapshot = {
  name: "web",
  fingerprint: "",
  slot: 0,
  addresses: [{ host: "127.0.0.1", port: 0 }],
  maxConnections: 0,
  limits: {
    requestLineBytes: 8_192,
    headerBytes: 32_768,
    headerCount: 100,
    requestsPerConnection: 0,
  },
  timeouts: { headerMs: 5_000, bodyMs: 5_000, keepAliveMs: 5_000, sendMs: 5_000 },
  abortOnClose: false,
  trustedProxies: [],
  forwarded: { xForwarded: true, forwarded: false, requestIdHeader: "", via: false },
};

const routeDefaults: RouteSnapshot = {
  name: "all",
  fingerprint: "",
  slot: 0,
  order: 0,
  match: {
    listeners: [],
    hosts: [],
    path: undefined,
    methods: [],
    headers: [],
    query: [],
    cookies: [],
    clients: [],
  },
  action: { kind: "forward", upstream: "u", rewrite: undefined },
  requestHeaders: undefined,
  responseHeaders: undefined,
  timeouts: {
    totalMs: 20_000,
    connectMs: 2_000,
    firstByteMs: 5_000,
    idleMs: 5_000,
    tunnelIdleMs: 10_000,
  },
  retry: {
    attempts: 2,
    on: ["connect_failure", "reset"],
    replayBytes: 65_536,
    answerBytes: 16_384,
    nonIdempotent: false,
    attemptMs: 0,
  },
  hedge: undefined,
  limits: { bodyBytes: 0, uriBytes: 0 },
  access: undefined,
  rateLimit: undefined,
};

const upstreamDefaults: UpstreamSnapshot = {
  name: "u",
  fingerprint: "",
  slot: 0,
  balance: { policy: "round_robin" },
  endpoints: [],
  maxConns: 0,
  sticky: undefined,
  queue: { max: 0, timeoutMs: 0 },
  holdMs: 0,
  breaker: { maxConnections: 0, maxPending: 0, maxRequests: 0, maxRetries: 0, error: undefined },
  retryBudget: { percent: 20, min: 3 },
  pool: { maxIdle: 128, idleMs: 4_000, maxRequests: 0 },
  responseHeaderBytes: 65_536,
  responseHeaderCount: 200,
  failureStatuses: [502, 503, 504],
};
