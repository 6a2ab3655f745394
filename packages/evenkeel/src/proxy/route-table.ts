/** The routes of one snapshot, with what they need to run; replaced as a whole, reusing what is
 * unchanged. */
import type { RouteSnapshot } from "../snapshot/snapshot.ts";
import type { HttpDate } from "./edge/http-date.ts";
import { RouteRuntime } from "./route-runtime.ts";
import type { RoutableRequest } from "./router/contract.ts";
import { createRouter } from "./router/create-router.ts";
import type { UpstreamGroup } from "./upstream-group.ts";

/** See the file's head. */
export interface RouteTable {
  /** `undefined` where nothing is served. */
  match(request: RoutableRequest): RouteRuntime | undefined;
  readonly bySlot: ReadonlyMap<number, RouteRuntime>;
}

/** Builds the table; `changed` names upstreams whose settings differ from those `before` was built
 * with, since a route prepares some of them. */
export function createRouteTable(
  routes: readonly RouteSnapshot[],
  groups: ReadonlyMap<string, UpstreamGroup>,
  changed: ReadonlySet<string>,
  date: HttpDate,
  before: RouteTable | undefined,
): RouteTable {
  const bySlot = new Map<number, RouteRuntime>();
  for (const route of routes) {
    const { action } = route;
    const upstream = action.kind === "forward" ? action.upstream : undefined;
    const known = before?.bySlot.get(route.slot);
    const reusable =
      known !== undefined &&
      known.snapshot.fingerprint === route.fingerprint &&
      !(upstream !== undefined && changed.has(upstream));
    const group = upstream === undefined ? undefined : groups.get(upstream);
    bySlot.set(route.slot, reusable ? known : new RouteRuntime(route, group, date));
  }
  const router = createRouter(routes);
  return {
    match(request) {
      const route = router.match(request);
      return route === undefined ? undefined : bySlot.get(route.slot);
    },
    bySlot,
  };
}
