/** Routes that can't do what they say. */
import { formatDuration } from "../../lib/duration.ts";
import { doNetworksOverlap } from "../../lib/network.ts";
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { RouteConfig } from "../schema/route.ts";
import type { UpstreamConfig } from "../schema/upstream.ts";
import { isWritten } from "../source/is-written.ts";
import type { Path, Source } from "../source/source.ts";

/** All routes, in order. */
export function warnOfRoutes(config: Config, source: Source): Problem[] {
  const problems: Problem[] = [];
  config.routes.forEach((route, at) => {
    const warn = (key: Path, rule: string) =>
      problems.push(source.problemAt(["routes", at, ...key], rule));
    warnOfTimeouts(config, route, warn);
    const upstream = route.upstream === undefined ? undefined : config.upstreams[route.upstream];
    // Instances come beside what the file names: nothing can be said of how many there are.
    const isFed = Object.values(config.processes).some((one) => one.upstream === route.upstream);
    if (upstream && !isFed) warnOfAttempts(route, upstream, warn);
    warnOfHedge(route, warn);
    if (route.upstream === undefined) {
      const written = forwardingKeys.filter((key) => isWritten(source, ["routes", at, key]));
      for (const key of written) {
        warn([key], "has no effect: this route forwards nothing");
      }
    }
    warnOfAccess(route, warn);
  });
  return problems;
}

type Warn = (key: Path, rule: string) => void;

/** Their defaults fill in what is not written, so that only the file tells. */
const forwardingKeys = ["timeout", "timeouts", "retry"] as const;

/** RFC 9110 section 9.2.2; of other methods nobody knows. */
const idempotent: readonly string[] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];

function warnOfHedge({ hedge, method, retry }: RouteConfig, warn: Warn): void {
  if (!hedge || !method || retry.non_idempotent) return;
  if (method.some((one) => idempotent.includes(one))) return;
  const rule = "only what may be repeated is sent twice, such as requests with an Idempotency-Key";
  warn(["hedge"], `has no effect on ${method.join(", ")}: ${rule}`);
}

function warnOfAccess({ client, allow, deny }: RouteConfig, warn: Warn): void {
  if (deny?.some(isEverybody) && !allow) warn(["deny"], "denies everybody");
  const isOutside = (network: string): boolean =>
    !allow?.some((allowed) => doNetworksOverlap(network, allowed));
  if (allow && client?.every(isOutside)) {
    warn(
      ["allow"],
      "holds nobody of the route's client networks: everybody who gets here gets 403",
    );
  }
}

function warnOfTimeouts(config: Config, route: RouteConfig, warn: Warn): void {
  const { timeout, timeouts, retry } = route;
  const totalMs = timeout ?? timeouts.total ?? config.timeouts.total;
  if (totalMs === 0) return;
  const key = timeout === undefined ? ["timeouts", "total"] : ["timeout"];
  const total = formatDuration(totalMs);
  const written = timeouts.first_byte;
  if (written !== undefined && (written === 0 || written > totalMs)) {
    warn(
      ["timeouts", "first_byte"],
      `never comes to bear: the total timeout of ${total} is shorter`,
    );
  }
  // The default is not what somebody wrote: the total simply bounds it.
  const connectMs = timeouts.connect ?? 0;
  if (connectMs > totalMs) {
    warn(
      key,
      `the total timeout of ${total} is shorter than connecting may take (${formatDuration(connectMs)})`,
    );
  }
  if (retry.attempts > 0 && retry.attempt_timeout >= totalMs) {
    warn(["retry", "attempt_timeout"], `leaves no time for a retry: the total timeout is ${total}`);
  }
}

function warnOfAttempts({ retry, hedge }: RouteConfig, upstream: UpstreamConfig, warn: Warn): void {
  const endpoints = upstream.endpoints.length;
  if (endpoints === 0) return;
  // The default is not what somebody wrote.
  if (retry.attempts > 2 && retry.attempts >= endpoints) {
    warn(["retry", "attempts"], `the upstream has ${count(endpoints)}, and none is tried twice`);
  }
  if (hedge && endpoints === 1)
    warn(["hedge"], "the upstream has 1 endpoint: there is no other to ask");
}

function count(endpoints: number): string {
  return endpoints === 1 ? "1 endpoint" : `${endpoints} endpoints`;
}

function isEverybody(network: string): boolean {
  return network.endsWith("/0");
}
