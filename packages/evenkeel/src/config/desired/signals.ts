/** Where signals come from and what they do. */
import type { SignalSettings } from "../../snapshot/signal-settings.ts";
import type { Config } from "../config.ts";

/** In configuration order. */
export function toSignals(_config: Config): SignalSettings {
  return { prometheus: undefined, metricHealth: [] };
}
