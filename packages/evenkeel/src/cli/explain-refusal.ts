/** What keeps a request from what its route does: sizes, addresses, and how often it may ask. */
import { createAccess } from "../proxy/edge/access.ts";
import type { ListenerSnapshot, RouteSnapshot } from "../snapshot/snapshot.ts";
import type { AskedRequest } from "./request-line.ts";

/** Why the listener does not take the request, with its answer; undefined where it does. */
export function listenerRefusal(
  { method, target }: AskedRequest,
  { name, limits }: ListenerSnapshot,
): string | undefined {
  const bytes = Buffer.byteLength(`${method} ${target} HTTP/1.1`);
  if (bytes <= limits.requestLineBytes) return undefined;
  return (
    `limit     the request line has ${bytes} bytes, listener ${name} takes ` +
    `${limits.requestLineBytes}: the answer is 414 (request_line_too_long)`
  );
}

/** Why the route does not let it pass, with its answer; undefined where it does. In the order in which
 * the route asks. */
export function routeRefusal(request: AskedRequest, route: RouteSnapshot): string | undefined {
  const { uriBytes } = route.limits;
  const bytes = Buffer.byteLength(request.target);
  if (uriBytes > 0 && bytes > uriBytes) {
    return (
      `limit     the target has ${bytes} bytes, the route takes ${uriBytes}: ` +
      "the answer is 414 (request_line_too_long)"
    );
  }
  if (route.access && !createAccess(route.access).allows(request.clientAddress)) {
    return `access    ${request.clientAddress} is denied: the answer is 403 (address_denied)`;
  }
  const key = route.rateLimit?.key;
  if (key?.kind === "header" && request.headerLines(key.name.toLowerCase()).length > 1) {
    return `limit     ${key.name} counts requests, and comes twice: the answer is 400 (bad_header)`;
  }
  return undefined;
}

/** The rate limit that may refuse it, if there is one: how much is left of it nobody asks. */
export function rateLimitNote({ rateLimit }: RouteSnapshot): string | undefined {
  if (!rateLimit) return undefined;
  const { perSecond, burst, key } = rateLimit;
  const whose =
    key.kind === "route" ? "for all" : key.kind === "client" ? "per client" : `per ${key.name}`;
  return (
    `limit     ${burst} at once and ${formatRate(perSecond)} ${whose}: ` +
    "what is more is answered 429 (rate_limited)"
  );
}

/** As one writes it: by the shortest unit in which it is 1 or more. */
function formatRate(perSecond: number): string {
  const [factor, unit] = perSecond >= 1 ? [1, "s"] : perSecond >= 1 / 60 ? [60, "m"] : [3600, "h"];
  return `${Number((perSecond * factor).toFixed(3))}/${unit}`;
}
