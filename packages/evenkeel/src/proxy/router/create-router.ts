/**
 * Finds the most specific route, by the Gateway API's precedence (HTTPRouteRule) extended to what
 * Evenkeel's routes can ask. Of all routes that match, the first difference in this list decides:
 *
 *  1. host: an exact one, then the longest wildcard, then none given;
 *  2. path: exact, then a regular expression (the longest pattern), then the longest prefix;
 *  3. a method given;
 *  4. the number of header conditions;
 *  5. the number of query conditions;
 *  6. the number of cookie conditions;
 *  7. a listener given;
 *  8. the longest client network that holds the client; none given comes last;
 *  9. the place in the configuration: the earlier wins.
 *
 * A route that asks more than the request fulfils gives way to the next one, down to wildcard hosts
 * and the empty prefix. Cost: one hash look-up per host level and one walk along the path,
 * independent of the number of routes; but expressions of one host are tried in turn, those whose
 * literal beginning fits.
 */
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";
import { type Candidate, createCandidate } from "./candidate.ts";
import { NO_ROUTE } from "./candidates.ts";
import type { RoutableRequest, Router } from "./contract.ts";
import { explainRoutes } from "./explain.ts";
import { HostRoutes } from "./host-routes.ts";

/** Builds the router of one snapshot; throws where a regular expression or network is malformed. */
export function createRouter(routes: readonly RouteSnapshot[]): Router {
  const build = buildRouter(routes, undefined);
  for (;;) {
    const step = build.next();
    if (step.done === true) return step.value;
  }
}

/** As `createRouter`, in small steps, and with what it can take over of an earlier router: routes
 * whose fingerprints are the same, and hosts whose routes all are. */
export function* buildRouter(
  routes: readonly RouteSnapshot[],
  before: Router | undefined,
): Generator<undefined, Router> {
  const earlier = before instanceof CompiledRouter ? before : undefined;
  const candidates: Candidate[] = [];
  const exact = new Map<string, Candidate[]>();
  const wildcard = new Map<string, Candidate[]>();
  const anywhere: Candidate[] = [];
  const shared = new Map<string, string>();
  for (const route of routes) {
    const candidate = earlier?.candidateOf(route) ?? createCandidate(route);
    candidates.push(candidate);
    const hosts = new Set(route.match.hosts);
    if (hosts.size === 0) anywhere.push(candidate);
    for (const host of hosts) {
      if (host.startsWith("*.")) append(wildcard, host.slice(2), candidate);
      else append(exact, host, candidate);
    }
    yield;
  }
  const hosts = {
    exact: yield* toHosts(exact, earlier?.hosts.exact, shared),
    wildcard: yield* toHosts(wildcard, earlier?.hosts.wildcard, shared),
    anywhere: toHost(anywhere, earlier?.hosts.anywhere, shared),
  };
  return new CompiledRouter(routes, candidates, hosts);
}

function append(hosts: Map<string, Candidate[]>, host: string, candidate: Candidate): void {
  const there = hosts.get(host);
  if (there === undefined) hosts.set(host, [candidate]);
  else there.push(candidate);
}

function* toHosts(
  hosts: ReadonlyMap<string, readonly Candidate[]>,
  before: ReadonlyMap<string, HostRoutes> | undefined,
  shared: Map<string, string>,
): Generator<undefined, Map<string, HostRoutes>> {
  const result = new Map<string, HostRoutes>();
  for (const [host, candidates] of hosts) {
    result.set(host, toHost(candidates, before?.get(host), shared));
    yield;
  }
  return result;
}

function toHost(
  candidates: readonly Candidate[],
  before: HostRoutes | undefined,
  shared: Map<string, string>,
): HostRoutes {
  return before?.isOf(candidates) === true ? before : new HostRoutes(candidates, shared);
}

interface Hosts {
  readonly exact: ReadonlyMap<string, HostRoutes>;
  /** By what follows "*.". */
  readonly wildcard: ReadonlyMap<string, HostRoutes>;
  readonly anywhere: HostRoutes;
}

class CompiledRouter implements Router {
  readonly hosts: Hosts;
  readonly #routes: readonly RouteSnapshot[];
  readonly #bySlot = new Map<number, Candidate>();
  readonly #byOrder: RouteSnapshot[] = [];
  readonly #exact: ReadonlyMap<string, HostRoutes>;
  readonly #wildcard: ReadonlyMap<string, HostRoutes>;
  readonly #anywhere: HostRoutes;

  constructor(routes: readonly RouteSnapshot[], candidates: readonly Candidate[], hosts: Hosts) {
    this.hosts = hosts;
    this.#routes = routes;
    for (const candidate of candidates) {
      this.#bySlot.set(candidate.route.slot, candidate);
      this.#byOrder[candidate.order] = candidate.route;
    }
    this.#exact = hosts.exact;
    this.#wildcard = hosts.wildcard;
    this.#anywhere = hosts.anywhere;
  }

  /** The compiled form of a route that was here before, under its place in the order now. */
  candidateOf(route: RouteSnapshot): Candidate | undefined {
    const known = this.#bySlot.get(route.slot);
    if (known === undefined || known.route.fingerprint !== route.fingerprint) return undefined;
    return known.route.order === route.order ? known : { ...known, route, order: route.order };
  }

  match(request: RoutableRequest): RouteSnapshot | undefined {
    return this.#byOrder[this.matchOrder(request)];
  }

  matchOrder(request: RoutableRequest): number {
    const { host } = request;
    if (this.#exact.size > 0) {
      const found = this.#exact.get(host)?.find(request) ?? NO_ROUTE;
      if (found !== NO_ROUTE) return found;
    }
    if (this.#wildcard.size > 0) {
      const found = this.#findWildcard(host, request);
      if (found !== NO_ROUTE) return found;
    }
    return this.#anywhere.find(request);
  }

  explain(request: RoutableRequest): ReturnType<Router["explain"]> {
    return explainRoutes(this.#routes, request);
  }

  /** From the longest suffix to the shortest; "*" stands for one or more labels. */
  #findWildcard(host: string, request: RoutableRequest): number {
    for (let dot = host.indexOf("."); dot > 0; dot = host.indexOf(".", dot + 1)) {
      const found = this.#wildcard.get(host.slice(dot + 1))?.find(request) ?? NO_ROUTE;
      if (found !== NO_ROUTE) return found;
    }
    return NO_ROUTE;
  }
}
