/** Turns an upstream's `balance` settings into a policy of the balance package. */
import { policies, type Policy } from "@evenkeel/balance";

import type { UpstreamSnapshot } from "../../snapshot/snapshot.ts";

/** A policy for the upstream as it is configured now. */
export function createPolicy(upstream: UpstreamSnapshot): Policy {
  const { balance, endpoints } = upstream;
  switch (balance.policy) {
    case "least_time":
      return policies.least_time({ decayMs: balance.decayMs });
    case "ip_hash":
      // All configured places count, so that an ejection moves nobody else's clients.
      return policies.ip_hash({ places: endpoints.filter(({ backup }) => !backup) });
    case "hash": {
      const names = new Map(endpoints.map(({ slot, name }) => [slot, name]));
      return policies.hash({
        algorithm: balance.algorithm,
        boundedLoadPercent: balance.boundedLoadPercent,
        nameOf: (slot) => names.get(slot) ?? "",
        groupSize: names.size,
      });
    }
    case "round_robin":
    case "random":
    case "least_conn":
    case "two_choices":
    case "first":
      return policies[balance.policy]();
  }
}
