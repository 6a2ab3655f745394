/** Alert rules, routes and receivers as alerting gets them. */
import type { AlertSettings } from "../../snapshot/alert-settings.ts";
import type { Config } from "../config.ts";

/** In configuration order. */
export function toAlerts(_config: Config): AlertSettings {
  return { rules: [], receivers: [], routes: [], maintenance: [] };
}
