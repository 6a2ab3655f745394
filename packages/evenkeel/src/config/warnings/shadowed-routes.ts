/**
 * Routes that can never match, because wherever they match another wins.
 *
 * By the order of precedence, a route that asks for more beats one that asks for less. So a route
 * can only hide another of the same host and path that has as many conditions of every kind, each
 * implied by the other's, and stands earlier. Routes are grouped by host and path, and within a
 * group by the shape of their conditions; the groups are small but for odd files, whose search is
 * bounded.
 */
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { ValueMatch } from "../schema/match.ts";
import type { RouteConfig } from "../schema/route.ts";
import type { Source } from "../source/source.ts";

/** Earlier routes of one group that a route is compared with. */
const mostCompared = 50;

/** A warning per route that is hidden on all of its hosts. */
export function warnOfShadowedRoutes(config: Config, source: Source): Problem[] {
  const groups = new Map<string, number[]>();
  const problems: Problem[] = [];
  config.routes.forEach((route, at) => {
    const hosts = route.host ?? [""];
    let hiddenBy = -1;
    let hidden = 0;
    for (const host of hosts) {
      const key = `${host} ${shapeOf(route)}`;
      const earlier = groups.get(key);
      if (!earlier) {
        groups.set(key, [at]);
        continue;
      }
      const other = findCovering(config.routes, earlier, route);
      if (other >= 0) {
        hidden++;
        hiddenBy = other;
      } else earlier.push(at);
    }
    if (hidden < hosts.length) return;
    const rule = `never matches: ${config.routeNames[hiddenBy]} (routes[${hiddenBy}]) takes every request it would`;
    problems.push(source.problemAt(["routes", at], rule));
  });
  return problems;
}

function findCovering(
  routes: readonly RouteConfig[],
  earlier: readonly number[],
  route: RouteConfig,
): number {
  const last = Math.min(earlier.length, mostCompared);
  for (let at = 0; at < last; at++) {
    const other = routes[earlier[at]!]!;
    if (covers(other, route)) return earlier[at]!;
  }
  return -1;
}

/** Path, and how many conditions there are of each kind: equal shapes have equal precedence. */
function shapeOf(route: RouteConfig): string {
  const { path, method, listener, client } = route;
  const size = (conditions: object | undefined) =>
    conditions === undefined ? 0 : Object.keys(conditions).length;
  const prefix = path?.kind === "prefix" || path === undefined;
  const value = prefix ? (path?.value ?? "/").replace(/\/$/, "") : path.value;
  const flags = [method, listener, client].map((list) => (list ? 1 : 0)).join("");
  const sizes = [route.headers, route.query, route.cookies].map(size).join(" ");
  return `${prefix ? "prefix" : path.kind} ${value} ${flags} ${sizes}`;
}

/** Whether every request that fulfils `inner` fulfils `outer`; both have the same shape. */
function covers(outer: RouteConfig, inner: RouteConfig): boolean {
  return (
    includesAll(outer.method, inner.method) &&
    includesAll(outer.listener, inner.listener) &&
    includesAll(outer.client, inner.client) &&
    impliesAll(outer.headers, inner.headers, true) &&
    impliesAll(outer.query, inner.query, false) &&
    impliesAll(outer.cookies, inner.cookies, false)
  );
}

function includesAll(outer: readonly string[] | undefined, inner: readonly string[] | undefined) {
  return outer === undefined || (inner?.every((one) => outer.includes(one)) ?? false);
}

function impliesAll(
  outer: Readonly<Record<string, ValueMatch>> | undefined,
  inner: Readonly<Record<string, ValueMatch>> | undefined,
  anyCase: boolean,
): boolean {
  if (!outer) return true;
  if (!inner) return false;
  const spell = (name: string) => (anyCase ? name.toLowerCase() : name);
  const known = new Map(Object.entries(inner).map(([name, match]) => [spell(name), match]));
  return Object.entries(outer).every(([name, match]) => {
    const other = known.get(spell(name));
    return other !== undefined && implies(other, match);
  });
}

/** Whether a value that fulfils `inner` surely fulfils `outer`. */
function implies(inner: ValueMatch, outer: ValueMatch): boolean {
  if (inner.kind === outer.kind && inner.value === outer.value) return true;
  if (outer.kind === "present") return inner.kind !== "absent" && inner.kind !== "regex";
  if (outer.kind !== "prefix") return false;
  return (inner.kind === "exact" || inner.kind === "prefix") && inner.value.startsWith(outer.value);
}
