/** The routes of one snapshot, with what they need to run; replaced as a whole, reusing what is
 * unchanged. */
import type { RouteSnapshot } from "../../snapshot/snapshot.ts";
import type { HttpDate } from "../edge/http-date.ts";
import { createRulesPool } from "./route-rules.ts";
import { RouteRuntime } from "./route-runtime.ts";
import type { RoutableRequest, Router } from "./contract.ts";
import { NO_ROUTE } from "./candidates.ts";
import { buildRouter, createRouter } from "./create-router.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";

/** See the file's head. */
export interface RouteTable {
  /** `undefined` where nothing is served. */
  match(request: RoutableRequest): RouteRuntime | undefined;
  readonly routes: readonly RouteSnapshot[];
  /** In the order of `routes`. */
  readonly runtimes: readonly RouteRuntime[];
  readonly router: Router;
}

/** A table without routes, to begin with. */
export function emptyRouteTable(): RouteTable {
  return { match: () => undefined, routes: [], runtimes: [], router: createRouter([]) };
}

/** Builds the table in small steps. `changed` names upstreams whose settings differ from those
 * `before` was built with so that their routes have to be prepared anew. */
export function* buildRouteTable(
  routes: readonly RouteSnapshot[],
  groups: ReadonlyMap<string, UpstreamGroup>,
  changed: ReadonlySet<string>,
  date: HttpDate,
  before: RouteTable,
): Generator<undefined, RouteTable> {
  if (routes === before.routes && changed.size === 0) return before;
  const known = new Map(before.runtimes.map((runtime) => [runtime.snapshot.slot, runtime]));
  const rulesOf = createRulesPool();
  // By the routes' order, so that the router's answer leads here without a look-up by key.
  const runtimes: RouteRuntime[] = [];
  for (const route of routes) {
    const { action } = route;
    const upstream = action.kind === "forward" ? action.upstream : undefined;
    const earlier = known.get(route.slot);
    const reusable =
      earlier !== undefined &&
      earlier.snapshot.fingerprint === route.fingerprint &&
      !(upstream !== undefined && changed.has(upstream));
    const group = upstream === undefined ? undefined : groups.get(upstream);
    runtimes[route.order] = reusable
      ? earlier
      : new RouteRuntime(route, rulesOf(route), group, date);
    yield;
  }
  const router = yield* buildRouter(routes, before.router);
  return {
    match(request) {
      const order = router.matchOrder(request);
      return order === NO_ROUTE ? undefined : runtimes[order];
    },
    routes,
    runtimes,
    router,
  };
}
