/** The memory behind rate limits, which all proxies share so that a limit is exact over them. */
import { rateLimitBytes } from "../proxy/edge/rate-limit.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { RateLimitSnapshot, RouteSnapshot } from "../snapshot/snapshot.ts";

/** The same desired state with memory for every rate limit: the route's own where `previous` has it
 * with the same limit, so that a reload forgives nobody; fresh and empty otherwise. Memory that is
 * there already stays. */
export function withRateMemory(desired: Desired, previous: Desired | undefined): Desired {
  if (desired.snapshot.routes.every(isProvided)) return desired;
  const before = new Map(previous?.snapshot.routes.map((route) => [route.slot, route.rateLimit]));
  const routes = desired.snapshot.routes.map((route): RouteSnapshot => {
    const { rateLimit } = route;
    if (rateLimit === undefined || isProvided(route)) return route;
    const storage = storageOf(rateLimit, before.get(route.slot));
    return { ...route, rateLimit: { ...rateLimit, storage } };
  });
  return { ...desired, snapshot: { ...desired.snapshot, routes } };
}

const isProvided = ({ rateLimit }: RouteSnapshot): boolean =>
  rateLimit === undefined || rateLimit.storage !== undefined;

function storageOf(
  limit: RateLimitSnapshot,
  before: RateLimitSnapshot | undefined,
): SharedArrayBuffer {
  const kept = before !== undefined && isSameLimit(limit, before) ? before.storage : undefined;
  return kept ?? new SharedArrayBuffer(rateLimitBytes(limit.maxKeys));
}

function isSameLimit(one: RateLimitSnapshot, other: RateLimitSnapshot): boolean {
  return (
    one.perSecond === other.perSecond &&
    one.burst === other.burst &&
    one.maxKeys === other.maxKeys &&
    one.key.kind === other.key.kind &&
    one.key.name === other.key.name
  );
}
