/**
 * The shape of `GET /routes`: the configuration's words with everything filled in. It stays as it is
 * when the snapshot changes. As in the status, null stands for what is off or not written.
 */
import type {
  HeaderChanges,
  RouteAction,
  RouteMatch,
  RouteSnapshot,
  RouteTimeouts,
  Snapshot,
} from "../snapshot/snapshot.ts";

/** A header, query parameter or cookie that must be so; `value` is empty for present and absent. */
export interface ConditionDocument {
  readonly name: string;
  readonly kind: "exact" | "prefix" | "regex" | "present" | "absent";
  readonly value: string;
}

/** Empty lists match everything. */
export interface MatchDocument {
  readonly hosts: readonly string[];
  readonly path: { readonly kind: "exact" | "prefix" | "regex"; readonly value: string } | null;
  readonly methods: readonly string[];
  readonly headers: readonly ConditionDocument[];
  readonly query: readonly ConditionDocument[];
  readonly cookies: readonly ConditionDocument[];
  readonly clients: readonly string[];
}

/** `prefix` replaces what the route's path matched, `full` all of the path. */
export type PathChangeDocument = {
  readonly kind: "prefix" | "full";
  readonly value: string;
} | null;

export type ActionDocument =
  | {
      readonly kind: "forward";
      readonly upstream: string;
      readonly rewrite: { readonly path: PathChangeDocument; readonly host: string | null } | null;
    }
  | {
      readonly kind: "redirect";
      readonly status: number;
      /** Null is kept from the request, in all four. */
      readonly scheme: string | null;
      readonly host: string | null;
      readonly port: number | null;
      readonly path: PathChangeDocument;
    }
  | { readonly kind: "respond"; readonly status: number; readonly body_bytes: number };

/** Names only: values may be secrets. */
export type HeadersDocument = Readonly<Record<"set" | "add" | "remove", readonly string[]>> | null;

export interface RouteDocument {
  readonly name: string;
  /** By name; all of them where the route does not choose. */
  readonly listeners: readonly string[];
  readonly match: MatchDocument;
  readonly action: ActionDocument;
  readonly request_headers: HeadersDocument;
  readonly response_headers: HeadersDocument;
  readonly timeouts: Readonly<
    Record<
      "total_ms" | "connect_ms" | "first_byte_ms" | "idle_ms" | "tunnel_idle_ms",
      number | null
    >
  >;
  readonly retry: {
    readonly attempts: number;
    readonly on: readonly string[];
    readonly replay_bytes: number;
    readonly answer_bytes: number;
    readonly non_idempotent: boolean;
    readonly attempt_timeout_ms: number | null;
  };
  /** One of both is null. */
  readonly hedge: {
    readonly after_ms: number | null;
    readonly after_percentile: number | null;
  } | null;
  readonly limits: { readonly body_bytes: number | null; readonly uri_bytes: number };
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly rate_limit: {
    readonly per_second: number;
    readonly burst: number;
    /** `client`, `route` or `header:NAME`. */
    readonly key: string;
    readonly max_keys: number;
  } | null;
}

/** All routes in configuration order. */
export function buildRoutes({ routes, listeners }: Snapshot): RouteDocument[] {
  const all = listeners.map(({ name }) => name);
  return routes.map((route) => routeDocument(route, all));
}

function routeDocument(route: RouteSnapshot, all: readonly string[]): RouteDocument {
  const { match, retry, hedge, limits, access } = route;
  return {
    name: route.name,
    listeners: match.listeners.length > 0 ? match.listeners : all,
    match: matchDocument(match),
    action: actionDocument(route.action),
    request_headers: headersDocument(route.requestHeaders),
    response_headers: headersDocument(route.responseHeaders),
    timeouts: timeoutsDocument(route.timeouts),
    retry: {
      attempts: retry.attempts,
      on: retry.on,
      replay_bytes: retry.replayBytes,
      answer_bytes: retry.answerBytes,
      non_idempotent: retry.nonIdempotent,
      attempt_timeout_ms: bound(retry.attemptMs),
    },
    hedge: hedge
      ? { after_ms: bound(hedge.afterMs), after_percentile: bound(hedge.percentile) }
      : null,
    limits: { body_bytes: bound(limits.bodyBytes), uri_bytes: limits.uriBytes },
    allow: access?.allow ?? [],
    deny: access?.deny ?? [],
    rate_limit: rateLimitDocument(route.rateLimit),
  };
}

function matchDocument(match: RouteMatch): MatchDocument {
  const { hosts, path, methods, clients } = match;
  return {
    hosts,
    path: path ? { kind: path.kind, value: path.value } : null,
    methods,
    headers: conditions(match.headers),
    query: conditions(match.query),
    cookies: conditions(match.cookies),
    clients,
  };
}

function conditions(all: RouteMatch["headers"]): ConditionDocument[] {
  return all.map(({ name, match: { kind, value } }) => ({ name, kind, value }));
}

function actionDocument(action: RouteAction): ActionDocument {
  if (action.kind === "forward") {
    const { upstream, rewrite } = action;
    const changed = rewrite && { path: rewrite.path ?? null, host: rewrite.host ?? null };
    return { kind: "forward", upstream, rewrite: changed ?? null };
  }
  if (action.kind === "respond") {
    const { status, body } = action;
    return { kind: "respond", status, body_bytes: Buffer.byteLength(body) };
  }
  const { status, scheme, host, port, path } = action;
  const kept = { scheme: scheme ?? null, host: host ?? null, port: port ?? null };
  return { kind: "redirect", status, ...kept, path: path ?? null };
}

function headersDocument(changes: HeaderChanges | undefined): HeadersDocument {
  if (!changes) return null;
  const names = (of: HeaderChanges["set"]): string[] => [...new Set(of.map(([name]) => name))];
  return { set: names(changes.set), add: names(changes.add), remove: changes.remove };
}

function timeoutsDocument(timeouts: RouteTimeouts): RouteDocument["timeouts"] {
  return {
    total_ms: bound(timeouts.totalMs),
    connect_ms: bound(timeouts.connectMs),
    first_byte_ms: bound(timeouts.firstByteMs),
    idle_ms: bound(timeouts.idleMs),
    tunnel_idle_ms: bound(timeouts.tunnelIdleMs),
  };
}

function rateLimitDocument(limit: RouteSnapshot["rateLimit"]): RouteDocument["rate_limit"] {
  if (!limit) return null;
  const { perSecond, burst, key, maxKeys } = limit;
  const word = key.kind === "header" ? `header:${key.name}` : key.kind;
  return { per_second: perSecond, burst, key: word, max_keys: maxKeys };
}

/** 0 is the snapshot's word for no bound. */
const bound = (value: number): number | null => (value === 0 ? null : value);
