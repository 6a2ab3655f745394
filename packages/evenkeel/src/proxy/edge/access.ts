/** Who may use a route. */
import type { AccessSnapshot } from "../../snapshot/snapshot.ts";
import { createNetworkSet, type NetworkSet } from "./networks.ts";

/** A compiled allow and deny list. */
export interface Access {
  /** Whether the client's address may pass. */
  allows(address: string): boolean;
}

/** The longest network that holds the address decides, deny where both are equally long. Where none
 * does, the address is allowed exactly if no allow list was given: naming who may come in shuts out
 * all others. */
export function createAccess(access: AccessSnapshot): Access {
  const allow = createNetworkSet(access.allow);
  const deny = createNetworkSet(access.deny);
  return { allows: (address) => isAllowed(address, allow, deny) };
}

function isAllowed(address: string, allow: NetworkSet, deny: NetworkSet): boolean {
  const denied = deny.longest(address);
  const allowed = allow.longest(address);
  if (allowed < 0 && denied < 0) return allow.isEmpty;
  return allowed > denied;
}
