/** Puts alerting together. */
import type { Alerts } from "./contract.ts";
import type { AlertsDeps } from "./deps.ts";

/** Alerting over one history; nothing happens until `apply`. */
export function createAlerts(_deps: AlertsDeps): Alerts {
  return {
    apply() {},
    tick() {},
    fire() {},
    resolve() {},
    report() {},
    list: () => [],
    acknowledge: () => false,
    silence: () => undefined,
    unsilence: () => false,
    silences: () => [],
    deliveries: () => [],
    test: () => undefined,
    facts: () => ({
      firing: { P0: 0, P1: 0, P2: 0 },
      pending: 0,
      silenced: 0,
      acknowledged: 0,
      groups: 0,
      silences: 0,
      dropped: 0,
      receivers: [],
    }),
    async close() {},
  };
}
