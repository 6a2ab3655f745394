/** Who serves because it is well, not for want of others. */
import type { EndpointHealth } from "./contract.ts";

/** Takes new requests by its own merit. In panic all get traffic, which says nothing of how they are:
 * there this is false of those that failed. */
export function isInService({ state, available }: Pick<EndpointHealth, "state" | "available">) {
  return available && (state === "healthy" || state === "warming");
}
