/** What changes from one desired state to the next, in an operator's words. */
import { formatAddress } from "../lib/address.ts";
import type { Desired, UpstreamHealth } from "../snapshot/desired.ts";
import type {
  EndpointSnapshot,
  ListenerSnapshot,
  RouteSnapshot,
  Snapshot,
  UpstreamSnapshot,
} from "../snapshot/snapshot.ts";
import { diffAlerts } from "./diff-alerts.ts";
import { diffProcessSettings } from "./diff-processes.ts";

/** One line per change, empty for none; never a secret. Changes that wait for a restart say so. */
export function diffDesired(before: Desired, after: Desired): readonly string[] {
  return [
    ...diffNamed("listener", before.snapshot.listeners, after.snapshot.listeners, diffListener),
    ...diffNamed("route", before.snapshot.routes, after.snapshot.routes, diffRoute),
    ...diffUpstreams(before, after),
    ...diffNamed("process", before.processes, after.processes, diffProcessSettings),
    ...diffAlerts(before.alerts, after.alerts),
    ...diffProcess(before, after),
  ];
}

interface Named {
  readonly name: string;
}

/** Added and removed by name; what stays is compared by `compare`. */
function diffNamed<Thing extends Named>(
  kind: string,
  before: readonly Thing[],
  after: readonly Thing[],
  compare: (before: Thing, after: Thing) => readonly string[],
  separator = ": ",
): string[] {
  const old = new Map(before.map((thing) => [thing.name, thing]));
  const lines: string[] = [];
  for (const thing of after) {
    const was = old.get(thing.name);
    old.delete(thing.name);
    if (!was) lines.push(`${kind} ${thing.name} added`);
    else
      for (const change of compare(was, thing))
        lines.push(`${kind} ${thing.name}${separator}${change}`);
  }
  for (const name of old.keys()) lines.push(`${kind} ${name} removed`);
  return lines;
}

function diffListener(before: ListenerSnapshot, after: ListenerSnapshot): string[] {
  if (before.fingerprint === after.fingerprint) return [];
  const addresses = ({ addresses }: ListenerSnapshot) => addresses.map(formatAddress).join(", ");
  return [
    ...change("bind", addresses(before), addresses(after)),
    ...change("max_connections", before.maxConnections, after.maxConnections),
    ...changedParts(before, after, {
      limits: "limits",
      timeouts: "timeouts",
      trustedProxies: "trusted_proxies",
      forwarded: "forwarded",
    }),
  ];
}

function diffRoute(before: RouteSnapshot, after: RouteSnapshot): string[] {
  if (before.fingerprint === after.fingerprint) {
    return [];
  }
  return [
    ...change("upstream", upstreamOf(before), upstreamOf(after)),
    ...changedParts(before, after, {
      match: "what it matches",
      requestHeaders: "request_headers",
      responseHeaders: "response_headers",
      timeouts: "timeouts",
      retry: "retry",
      hedge: "hedge",
      limits: "limits",
      access: "allow and deny",
      rateLimit: "rate_limit",
    }),
    ...(upstreamOf(before) === upstreamOf(after) && differ(before.action, after.action)
      ? ["its action changed"]
      : []),
  ];
}

function upstreamOf({ action }: RouteSnapshot): string {
  return action.kind === "forward" ? action.upstream : action.kind;
}

function diffUpstreams(before: Desired, after: Desired): string[] {
  const healthBefore = new Map(before.health.map((health) => [health.upstream, health]));
  const healthAfter = new Map(after.health.map((health) => [health.upstream, health]));
  return diffNamed("upstream", before.snapshot.upstreams, after.snapshot.upstreams, (was, is) => [
    ...diffUpstream(was, is),
    ...diffHealth(healthBefore.get(was.name)!, healthAfter.get(is.name)!),
  ]);
}

function diffUpstream(before: UpstreamSnapshot, after: UpstreamSnapshot): string[] {
  if (before.fingerprint === after.fingerprint) return [];
  const order = ({ endpoints }: UpstreamSnapshot) => endpoints.map(({ name }) => name);
  const endpoints = diffNamed("endpoint", before.endpoints, after.endpoints, diffEndpoint, " ");
  const moved = endpoints.length === 0 && differ(order(before), order(after));
  return [
    ...change("balance", before.balance.policy, after.balance.policy),
    ...(before.balance.policy === after.balance.policy
      ? changedParts(before, after, { balance: "balance" })
      : []),
    ...endpoints,
    ...(moved ? ["order of endpoints changed"] : []),
    ...changedParts(before, after, {
      sticky: "sticky",
      queue: "queue",
      holdMs: "hold",
      breaker: "circuit_breaker",
      retryBudget: "retry_budget",
      pool: "pool",
      responseHeaderBytes: "limits.response_headers",
      responseHeaderCount: "limits.response_header_count",
      failureStatuses: "failure_statuses",
    }),
  ];
}

function diffEndpoint(before: EndpointSnapshot, after: EndpointSnapshot): string[] {
  return [
    ...change("weight", before.weight, after.weight),
    ...change("backup", before.backup, after.backup),
    ...change("max_conns", before.maxConns || "off", after.maxConns || "off"),
    ...change("max_fails", before.maxFails ?? "unset", after.maxFails ?? "unset"),
    ...changedParts(before, after, { failTimeoutMs: "fail_timeout" }),
  ];
}

function diffHealth(before: UpstreamHealth, after: UpstreamHealth): string[] {
  return [
    ...changedParts(before, after, {
      check: "health_check",
      ejection: "ejection",
      slowStart: "slow_start",
    }),
    ...change("panic_threshold", `${before.panicPercent}%`, `${after.panicPercent}%`),
  ];
}

function diffProcess(before: Desired, after: Desired): string[] {
  return [
    ...changedParts<Snapshot>(before.snapshot, after.snapshot, {
      accessLog: "access_log",
      stickySecret: "sticky_secret",
    }),
    ...change("via_name", before.snapshot.viaName, after.snapshot.viaName),
    ...change("log.level", before.log.level, after.log.level),
    ...change("service_name", before.log.serviceName, after.log.serviceName),
    ...changedParts(before, after, { shutdown: "shutdown" }),
    ...change("admin.bind", formatAddress(before.admin), formatAddress(after.admin)),
    ...changedParts(before.admin, after.admin, { token: "admin.token" }),
    ...change("workers", before.workers, after.workers).map(
      (line) => `${line} (takes effect after a restart)`,
    ),
  ];
}

function change(what: string, before: unknown, after: unknown): string[] {
  return before === after ? [] : [`${what} ${String(before)} → ${String(after)}`];
}

/** One line for every part that differs, by the key an operator knows it under. */
function changedParts<Thing extends object>(
  before: Thing,
  after: Thing,
  parts: { readonly [Part in keyof Thing]?: string },
): string[] {
  return (Object.keys(parts) as (keyof Thing)[])
    .filter((part) => differ(before[part], after[part]))
    .map((part) => `${parts[part]} changed`);
}

function differ(before: unknown, after: unknown): boolean {
  return before !== after && JSON.stringify(before) !== JSON.stringify(after);
}
