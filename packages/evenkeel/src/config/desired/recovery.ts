/** Recovery plans as the engine gets them. */
import type { RecoverySettings } from "../../snapshot/plan-settings.ts";
import type { Config } from "../config.ts";

/** In configuration order. */
export function toRecovery(_config: Config): RecoverySettings {
  return { plans: [], freeze: { runs: 5, windowMs: 600_000, unhealthyPercent: 50 } };
}
