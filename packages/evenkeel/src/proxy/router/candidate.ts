/**
 * A route as one of the few that are left once host and path have decided: what it still asks of
 * the request, and its rank among the others in the same place.
 */
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";
import { cookieValue } from "../edge/cookie.ts";
import { createNetworkSet, type NetworkSet } from "../edge/networks.ts";
import { queryValue } from "../edge/query-value.ts";
import type { RoutableRequest } from "./contract.ts";
import { compilePathMatch, type PathMatch } from "./path-match.ts";
import { compileStringMatch, type StringTest } from "./string-match.ts";

interface NamedTest {
  readonly name: string;
  readonly test: StringTest;
}

/** A compiled route. Everything undefined asks nothing. */
export interface Candidate {
  readonly route: RouteSnapshot;
  readonly order: number;
  readonly path: PathMatch;
  /** Asks nothing beyond host and path. */
  readonly isPlain: boolean;
  readonly listeners: readonly string[] | undefined;
  readonly methods: readonly string[] | undefined;
  readonly headers: readonly NamedTest[] | undefined;
  readonly query: readonly NamedTest[] | undefined;
  readonly cookies: readonly NamedTest[] | undefined;
  readonly clients: NetworkSet | undefined;
}

/** Compiles a route's conditions; throws where one is malformed. */
export function createCandidate(route: RouteSnapshot): Candidate {
  const { match } = route;
  const conditions = {
    listeners: match.listeners.length === 0 ? undefined : match.listeners,
    methods: match.methods.length === 0 ? undefined : match.methods,
    headers: compileNamed(match.headers),
    query: compileNamed(match.query),
    cookies: compileNamed(match.cookies),
    clients: match.clients.length === 0 ? undefined : createNetworkSet(match.clients),
  };
  return {
    route,
    order: route.order,
    path: compilePathMatch(match.path),
    isPlain: Object.values(conditions).every((condition) => condition === undefined),
    ...conditions,
  };
}

function compileNamed(conditions: RouteSnapshot["match"]["headers"]): NamedTest[] | undefined {
  if (conditions.length === 0) return undefined;
  return conditions.map(({ name, match }) => ({ name, test: compileStringMatch(match) }));
}

/** The candidate's rank by what it asks statically, most telling first; see precedence.ts. */
export function rankOf(candidate: Candidate): readonly number[] {
  return [
    candidate.methods === undefined ? 0 : 1,
    candidate.headers?.length ?? 0,
    candidate.query?.length ?? 0,
    candidate.cookies?.length ?? 0,
    candidate.listeners === undefined ? 0 : 1,
  ];
}

/** Whether all but host, path and client networks is fulfilled. Reads of the request only what some
 * condition names. */
export function accepts(candidate: Candidate, request: RoutableRequest): boolean {
  if (candidate.isPlain) return true;
  const { listeners, methods, headers, query, cookies } = candidate;
  if (listeners !== undefined && !listeners.includes(request.listener)) return false;
  if (methods !== undefined && !methods.includes(request.method)) return false;
  if (headers !== undefined && !acceptsHeaders(headers, request)) return false;
  if (query !== undefined && !acceptsQuery(query, request)) return false;
  return cookies === undefined || acceptsCookies(cookies, request);
}

function acceptsHeaders(tests: readonly NamedTest[], request: RoutableRequest): boolean {
  for (const { name, test } of tests) {
    if (!test(request.header(name))) return false;
  }
  return true;
}

function acceptsQuery(tests: readonly NamedTest[], request: RoutableRequest): boolean {
  for (const { name, test } of tests) {
    if (!test(queryValue(request.query, name))) return false;
  }
  return true;
}

function acceptsCookies(tests: readonly NamedTest[], request: RoutableRequest): boolean {
  const header = request.header("cookie");
  for (const { name, test } of tests) {
    if (!test(cookieValue(header, name))) return false;
  }
  return true;
}
