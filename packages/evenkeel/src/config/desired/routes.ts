/** Routes as proxies get them. */
import type {
  HeaderChanges,
  RetrySnapshot,
  RewritePath,
  RouteAction,
  RouteMatch,
  RouteSnapshot,
  RouteTimeouts,
} from "../../snapshot/snapshot.ts";
import type { Config } from "../config.ts";
import type { HeaderChangesConfig } from "../schema/header-changes.ts";
import type { ValueMatch } from "../schema/match.ts";
import type { RouteConfig } from "../schema/route.ts";
import { digest } from "./fingerprint.ts";
import { createSharing } from "./sharing.ts";

type Share = ReturnType<typeof createSharing>;

/** What most routes leave out, as one list for all. */
const none: readonly never[] = Object.freeze([]);

/** In configuration order, equal parts shared. The place in the order is no part of a fingerprint,
 * or a new first route would change all. */
export function toRoutes(config: Config, slots: readonly number[]): RouteSnapshot[] {
  const share = createSharing();
  return config.routes.map((route, order) =>
    toRoute(config, route, { order, name: config.routeNames[order]!, slot: slots[order]! }, share),
  );
}

function toRoute(
  config: Config,
  route: RouteConfig,
  { order, name, slot }: { order: number; name: string; slot: number },
  share: Share,
): RouteSnapshot {
  const action = share(toAction(route));
  const timeouts = share(toTimeouts(config, route));
  const retry = share(toRetry(route));
  const limits = share({
    bodyBytes: route.limits.body ?? config.limits.body,
    uriBytes: route.limits.uri ?? config.limits.uri,
  });
  const own = {
    name,
    slot,
    match: toMatch(route, share),
    requestHeaders: toHeaderChanges(route.request_headers),
    responseHeaders: toHeaderChanges(route.response_headers),
    hedge: route.hedge?.after,
    access:
      route.allow || route.deny ? { allow: route.allow ?? [], deny: route.deny ?? [] } : undefined,
    rateLimit: toRateLimit(route),
  };
  const marks = [action, timeouts, retry, limits].map(({ mark }) => mark).join("");
  return {
    ...own,
    action: action.part,
    timeouts: timeouts.part,
    retry: retry.part,
    limits: limits.part,
    order,
    fingerprint: digest(JSON.stringify(own) + marks),
  };
}

function toMatch(route: RouteConfig, share: Share): RouteMatch {
  return {
    listeners: route.listener ?? none,
    hosts: route.host ? share(route.host).part : none,
    path: route.path,
    methods: route.method ? share(route.method).part : none,
    headers: toConditions(route.headers, (name) => name.toLowerCase()),
    query: toConditions(route.query, (name) => name),
    cookies: toConditions(route.cookies, (name) => name),
    clients: route.client ?? none,
  };
}

function toConditions(
  written: Readonly<Record<string, ValueMatch>> | undefined,
  spell: (name: string) => string,
): RouteMatch["headers"] {
  if (!written) return none;
  return Object.entries(written).map(([name, match]) => ({ name: spell(name), match }));
}

function toAction({ upstream, redirect, respond, rewrite }: RouteConfig): RouteAction {
  if (redirect) {
    const { status, scheme, host, port } = redirect;
    return { kind: "redirect", status, scheme, host, port, path: toRewritePath(redirect) };
  }
  if (respond) {
    const { status, headers, body } = respond;
    return { kind: "respond", status, headers: Object.entries(headers), body };
  }
  return {
    kind: "forward",
    // A sound configuration has exactly one of the three.
    upstream: upstream!,
    rewrite: rewrite && { path: toRewritePath(rewrite), host: rewrite.host },
  };
}

function toRewritePath(change: {
  readonly strip_prefix?: boolean | undefined;
  readonly replace_prefix?: string | undefined;
  readonly replace_path?: string | undefined;
}): RewritePath | undefined {
  if (change.replace_path !== undefined) return { kind: "full", value: change.replace_path };
  if (change.replace_prefix !== undefined) return { kind: "prefix", value: change.replace_prefix };
  return change.strip_prefix ? { kind: "prefix", value: "" } : undefined;
}

function toHeaderChanges(written: HeaderChangesConfig | undefined): HeaderChanges | undefined {
  if (!written) return undefined;
  const add = Object.entries(written.add).flatMap(([name, values]) =>
    values.map((value): readonly [string, string] => [name, value]),
  );
  const remove = (written.remove ?? []).map((name) => name.toLowerCase());
  return { set: Object.entries(written.set), add, remove };
}

function toTimeouts(config: Config, { timeout, timeouts }: RouteConfig): RouteTimeouts {
  const top = config.timeouts;
  return {
    totalMs: timeout ?? timeouts.total ?? top.total,
    connectMs: timeouts.connect ?? top.connect,
    firstByteMs: timeouts.first_byte ?? top.first_byte,
    idleMs: timeouts.idle ?? top.idle,
    tunnelIdleMs: timeouts.tunnel_idle ?? top.tunnel_idle,
  };
}

function toRetry({ retry }: RouteConfig): RetrySnapshot {
  return {
    attempts: retry.attempts,
    on: retry.on,
    replayBytes: retry.replay,
    answerBytes: retry.answer,
    nonIdempotent: retry.non_idempotent,
    attemptMs: retry.attempt_timeout,
  };
}

function toRateLimit({ rate_limit: limit }: RouteConfig): RouteSnapshot["rateLimit"] {
  if (!limit) return undefined;
  const burst = limit.burst ?? Math.max(1, Math.ceil(limit.rate));
  return {
    perSecond: limit.rate,
    burst,
    key: limit.key,
    maxKeys: limit.max_keys,
    storage: undefined,
  };
}
