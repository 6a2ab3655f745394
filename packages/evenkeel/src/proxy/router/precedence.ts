/** The order of precedence (see create-router.ts) as numbers that can be compared and explained. */
import { type Candidate, rankOf } from "./candidate.ts";
import type { RoutableRequest } from "./contract.ts";
import { matchesHost } from "./host-pattern.ts";

/** How specific a route is for one request that it matches; compared from the left, more wins. */
export type Specificity = readonly number[];

/** What a lower number in each place means. */
const differences: readonly string[] = [
  "its host is less specific",
  "its path is less specific in kind (exact before expression before prefix)",
  "its path is shorter",
  "it asks for no method",
  "it has fewer header conditions",
  "it has fewer query conditions",
  "it has fewer cookie conditions",
  "it is not bound to a listener",
  "its client network is wider",
  "it stands later in the configuration",
];

const EXACT_HOST = 1_000;
const pathKinds = { exact: 2, regex: 1, prefix: 0 };

/** How specific a route is for a request that it matches. */
export function specificityOf(candidate: Candidate, request: RoutableRequest): Specificity {
  const { route, path, clients } = candidate;
  return [
    hostSpecificity(route.match.hosts, request.host),
    pathKinds[path.kind],
    pathLength(candidate),
    ...rankOf(candidate),
    clients === undefined ? -1 : clients.longest(request.clientAddress),
    -route.order,
  ];
}

/** Sorts the more specific first. */
export function compareSpecificity(one: Specificity, other: Specificity): number {
  const place = firstDifference(one, other);
  return place < 0 ? 0 : (other[place] ?? 0) - (one[place] ?? 0);
}

/** Why `lesser` gives way to `greater`. */
export function differenceInWords(lesser: Specificity, greater: Specificity): string {
  return differences[firstDifference(lesser, greater)] ?? "it is the same route";
}

function firstDifference(one: Specificity, other: Specificity): number {
  return one.findIndex((value, place) => value !== other[place]);
}

function hostSpecificity(hosts: readonly string[], host: string): number {
  let best = 0;
  for (const pattern of hosts) {
    if (pattern === host) return EXACT_HOST;
    if (matchesHost(pattern, host)) best = Math.max(best, pattern.length);
  }
  return best;
}

function pathLength({ path }: Candidate): number {
  if (path.kind === "exact") return path.path.length;
  return path.kind === "regex" ? path.pattern.length : path.prefix.length;
}
