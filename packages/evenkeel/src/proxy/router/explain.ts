/**
 * Why a request goes where it goes, in words. Looks at every route by itself, without the router's
 * indexes: slow, for people, and a second opinion on the router in tests.
 */
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";
import { cookieValue } from "../edge/cookie.ts";
import { queryValue } from "../edge/query-value.ts";
import { type Candidate, createCandidate } from "./candidate.ts";
import type { RoutableRequest } from "./contract.ts";
import { matchesHost } from "./host-pattern.ts";
import { matchesPath } from "./path-match.ts";
import {
  compareSpecificity,
  differenceInWords,
  type Specificity,
  specificityOf,
} from "./precedence.ts";
import { compileStringMatch, describeFailure } from "./string-match.ts";

interface Explanation {
  readonly route: RouteSnapshot;
  readonly verdict: string;
  readonly matched: boolean;
}

/** All routes: those that match first, by precedence, each with what the best has ahead of it; then
 * the others in configuration order, each with the first condition that fails. */
export function explainRoutes(
  routes: readonly RouteSnapshot[],
  request: RoutableRequest,
): readonly Explanation[] {
  const matching: { route: RouteSnapshot; specificity: Specificity }[] = [];
  const others: Explanation[] = [];
  for (const route of routes) {
    const candidate = createCandidate(route);
    const obstacle = firstObstacle(candidate, request);
    if (obstacle !== undefined) others.push({ route, verdict: obstacle, matched: false });
    else matching.push({ route, specificity: specificityOf(candidate, request) });
  }
  matching.sort((one, other) => compareSpecificity(one.specificity, other.specificity));
  return [...matching.map((one) => explainMatch(one, matching[0]!)), ...others];
}

function explainMatch(
  one: { route: RouteSnapshot; specificity: Specificity },
  best: { route: RouteSnapshot; specificity: Specificity },
): Explanation {
  const verdict =
    one === best
      ? "matches, and is the most specific route that does"
      : `matches, but is less specific than route ${best.route.name}: ${differenceInWords(one.specificity, best.specificity)}`;
  return { route: one.route, verdict, matched: true };
}

function firstObstacle(candidate: Candidate, request: RoutableRequest): string | undefined {
  const { match } = candidate.route;
  return (
    listenerObstacle(match.listeners, request.listener) ??
    hostObstacle(match.hosts, request.host) ??
    pathObstacle(candidate, request.path) ??
    methodObstacle(match.methods, request.method) ??
    namedObstacle("header", match.headers, (name) => request.header(name)) ??
    namedObstacle("query parameter", match.query, (name) => queryValue(request.query, name)) ??
    namedObstacle("cookie", match.cookies, (name) => cookieValue(request.header("cookie"), name)) ??
    clientObstacle(candidate, request.clientAddress)
  );
}

function listenerObstacle(listeners: readonly string[], listener: string): string | undefined {
  if (listeners.length === 0 || listeners.includes(listener)) return undefined;
  return `serves listener ${listeners.join(", ")} only, not ${listener}`;
}

function hostObstacle(hosts: readonly string[], host: string): string | undefined {
  if (hosts.length === 0 || hosts.some((pattern) => matchesHost(pattern, host))) return undefined;
  return `host ${hosts.join(", ")} does not match ${host === "" ? "a request without host" : host}`;
}

function pathObstacle(candidate: Candidate, path: string): string | undefined {
  if (matchesPath(candidate.path, path)) return undefined;
  const given = candidate.route.match.path;
  const kind = given?.kind === "regex" ? "path expression" : `${given?.kind} path`;
  return `${kind} ${given?.value} does not match ${path}`;
}

function methodObstacle(methods: readonly string[], method: string): string | undefined {
  if (methods.length === 0 || methods.includes(method)) return undefined;
  return `method ${methods.join(", ")} only, not ${method}`;
}

function namedObstacle(
  what: string,
  conditions: RouteSnapshot["match"]["headers"],
  read: (name: string) => string | undefined,
): string | undefined {
  for (const { name, match } of conditions) {
    const value = read(name);
    if (compileStringMatch(match)(value)) continue;
    if (value === undefined) return `${what} ${name} is missing`;
    return `${what} ${name} ${describeFailure(match)}`;
  }
  return undefined;
}

function clientObstacle(candidate: Candidate, address: string): string | undefined {
  if (candidate.clients === undefined || candidate.clients.contains(address)) return undefined;
  return `client network ${candidate.route.match.clients.join(", ")} does not hold ${address}`;
}
